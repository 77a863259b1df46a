import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Catalogue } from '../../src/engine/catalogue.js'
import { MemoryStore } from '../../src/engine/catalogue-store.js'
import { start } from '../../src/engine/first-start.js'
import { openCatalogue } from '../../src/engine/open-catalogue.js'
import type { Role } from '../../src/engine/records.js'
import { scratchDirectory, timeAndChance } from './scratch.js'

const test = suite('catalogue against a model')
const MAX_BUCKETS = 4
const ROLES: Role[] = ['admin', 'write', 'read']

/** Numbers pick among what there is, modulo how many there are. */
type Step =
  | { do: 'create'; name: string; account: number }
  | { do: 'delete'; bucket: number; release: boolean }
  | { do: 'patch'; bucket: number; replicas: number; ttl: number | null | undefined }
  | { do: 'issue'; bucket: number; role: number }
  | { do: 'revoke'; bucket: number; key: number }
  | { do: 'account' | 'grant' | 'ring' | 'reopen' }
  | { do: 'rotate'; key: number }

const pick = fc.nat(7)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('create' as const),
    name: fc.constantFrom('a', 'b', 'é', 'e\u0301', '__proto__', '🎂', 'constructor'),
    account: pick,
  }),
  fc.record({ do: fc.constant('delete' as const), bucket: pick, release: fc.boolean() }),
  fc.record({
    do: fc.constant('patch' as const),
    bucket: pick,
    replicas: fc.nat(8),
    ttl: fc.constantFrom(null, undefined, 1000),
  }),
  fc.record({ do: fc.constant('issue' as const), bucket: pick, role: fc.nat(2) }),
  fc.record({ do: fc.constant('revoke' as const), bucket: pick, key: pick }),
  fc.record({ do: fc.constant('rotate' as const), key: pick }),
  fc.record({ do: fc.constantFrom('account', 'grant', 'ring', 'reopen' as const) }),
)

interface ModelBucket {
  id: string
  name: string
  accountId: string
  slot: number
  replicas: number
  ttl: number | undefined
}
interface ModelKey {
  id: string
  key: string
  /** `root`, the account's id, or the bucket's id and the role. */
  of: string
}

class Model {
  readonly accounts = ['default']
  buckets: ModelBucket[] = []
  keys: ModelKey[] = []
  dead: string[] = []
  leaving = new Set<number>()
  granted = 0
  epoch = 0

  freeSlot(): number | undefined {
    const taken = new Set([...this.leaving, ...this.buckets.map((bucket) => bucket.slot)])
    return [0, 1, 2, 3].find((slot) => !taken.has(slot))
  }

  kill(gone: (key: ModelKey) => boolean): void {
    this.dead.push(...this.keys.filter(gone).map((key) => key.key))
    this.keys = this.keys.filter((key) => !gone(key))
  }
}

type Open = () => Promise<{ catalogue: Catalogue; newRootKey: string | undefined }>

async function play(open: Open, steps: readonly Step[]): Promise<void> {
  const model = new Model()
  let { catalogue, newRootKey = '' } = await open()
  const rootId = catalogue.authenticate(newRootKey)?.credentialId ?? ''
  model.keys.push({ id: rootId, key: newRootKey, of: 'root' })
  try {
    for (const one of [...steps, { do: 'reopen' } as const]) {
      if (one.do === 'reopen') {
        await catalogue.close()
        catalogue = (await open()).catalogue
        model.leaving.clear()
      } else await take(catalogue, model, one)
      compare(catalogue, model)
    }
  } finally {
    await catalogue.close()
  }
}

async function take(catalogue: Catalogue, model: Model, one: Step): Promise<void> {
  if (one.do === 'create') return create(catalogue, model, one.name, one.account)
  if (one.do === 'account') {
    const made = await catalogue.createAccount('someone')
    model.accounts.push(made.id)
    model.keys.push({ id: made.credentialId, key: made.credentialKey, of: made.id })
    return
  }
  if (one.do === 'grant') {
    const granted = await catalogue.grantVersions()
    assert.ok(granted > model.granted)
    model.granted = granted
    return
  }
  if (one.do === 'ring') {
    model.epoch++
    return catalogue.setRing({ epoch: model.epoch, virtualNodes: 8, nodes: [] })
  }
  if (one.do === 'rotate') return rotate(catalogue, model, one.key)
  if ('bucket' in one && model.buckets.length > 0) await takeOnBucket(catalogue, model, one)
}

async function create(catalogue: Catalogue, model: Model, name: string, account: number) {
  const accountId = model.accounts[account % model.accounts.length]
  const slot = model.freeSlot()
  const same = model.buckets.some(
    (bucket) => bucket.accountId === accountId && bucket.name.normalize() === name.normalize(),
  )
  const outcome = await catalogue
    .createBucket(name, { defaultTtl: 5 }, accountId)
    .catch((error) => error.code as string)
  if (typeof outcome === 'string') {
    assert.is(outcome, same ? 'bucket_exists' : 'too_many_buckets')
    assert.ok(same || slot === undefined)
    return
  }
  assert.is(same, false)
  const { bucket, credentialId, credentialKey } = outcome
  assert.is(bucket.slot, slot)
  model.buckets.push({ id: bucket.id, name, accountId, slot: bucket.slot, replicas: 0, ttl: 5 })
  model.keys.push({ id: credentialId, key: credentialKey, of: `${bucket.id} admin` })
}

async function rotate(catalogue: Catalogue, model: Model, key: number): Promise<void> {
  const held = model.keys.filter((one) => !one.of.includes(' '))
  const old = held[key % held.length]
  const fresh = await catalogue.rotateCredential(old.id)
  model.kill((one) => one.id === old.id)
  model.keys.push({ id: fresh.credentialId, key: fresh.credentialKey, of: old.of })
}

async function takeOnBucket(
  catalogue: Catalogue,
  model: Model,
  one: Extract<Step, { bucket: number }>,
): Promise<void> {
  const bucket = model.buckets[one.bucket % model.buckets.length]
  const own = model.keys.filter((key) => key.of.startsWith(`${bucket.id} `))
  switch (one.do) {
    case 'delete': {
      const { slot } = await catalogue.deleteBucket(bucket.id)
      model.kill((key) => own.includes(key))
      model.buckets = model.buckets.filter((other) => other !== bucket)
      if (one.release) catalogue.releaseSlot(slot)
      else model.leaving.add(slot)
      return
    }
    case 'patch': {
      const { replicas, ttl } = one
      await catalogue.updateBucket(bucket.id, { replicas, defaultTtl: ttl })
      bucket.replicas = replicas
      if (ttl !== undefined) bucket.ttl = ttl ?? undefined
      return
    }
    case 'issue': {
      const role = ROLES[one.role]
      const made = await catalogue.createCredential(bucket.id, role)
      const of = `${bucket.id} ${role}`
      model.keys.push({ id: made.credentialId, key: made.credentialKey, of })
      return
    }
    case 'revoke': {
      if (own.length === 0) return
      const old = own[one.key % own.length]
      assert.is(await catalogue.deleteCredential(bucket.id, old.id), true)
      model.kill((key) => key === old)
    }
  }
}

function compare(catalogue: Catalogue, model: Model): void {
  const buckets = catalogue.buckets().map(({ id, name, accountId, slot, replicas, ...rest }) => {
    return { id, name, accountId, slot, replicas, ttl: rest.defaultTtlMs }
  })
  assert.equal(buckets, model.buckets)
  assert.equal(
    catalogue.accounts().map((account) => account.id),
    model.accounts,
  )
  for (const { key, of } of model.keys) assert.is(holder(catalogue, key), of)
  for (const key of model.dead) assert.is(holder(catalogue, key), undefined)
  for (const bucket of model.buckets) {
    assert.equal(
      catalogue.listCredentials(bucket.id).map((one) => one.credentialId),
      model.keys.filter((key) => key.of.startsWith(`${bucket.id} `)).map((key) => key.id),
    )
  }
  assert.is(catalogue.ring?.epoch ?? 0, model.epoch)
}

function holder(catalogue: Catalogue, key: string): string | undefined {
  const principal = catalogue.authenticate(key)
  if (principal?.kind === 'bucket') return `${principal.bucketId} ${principal.role}`
  return principal?.kind === 'account' ? principal.accountId : principal?.kind
}

async function check(opener: () => Open, numRuns: number, maxLength: number): Promise<void> {
  const histories = fc.array(step, { maxLength, size: 'max' })
  await fc.assert(
    fc.asyncProperty(histories, (steps) => play(opener(), steps)),
    { numRuns },
  )
}

test('random histories over a store in memory', () =>
  check(
    () => {
      const store = new MemoryStore()
      const chance = timeAndChance()
      return async () => {
        const { view, newRootKey } = await start(store, chance)
        return {
          catalogue: new Catalogue({ store, view, maxBuckets: MAX_BUCKETS, ...chance }),
          newRootKey,
        }
      }
    },
    200,
    60,
  ))

test('random histories over a store on disk', () =>
  check(
    () => {
      const options = { data: scratchDirectory(), maxBuckets: MAX_BUCKETS, ...timeAndChance() }
      return () => openCatalogue(options)
    },
    8,
    40,
  ))

test.run()
