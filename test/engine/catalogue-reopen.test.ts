import { spawnSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openCatalogue, readCatalogue } from '../../src/engine/open-catalogue.js'
import { refusal, scratchDirectory, timeAndChance } from './scratch.js'

const test = suite('catalogue, opened again')
const open = (data: string, more: object = {}) =>
  openCatalogue({ data, ...timeAndChance(), ...more })
const ring = {
  epoch: 3,
  virtualNodes: 1024,
  nodes: [
    { id: 'n1', weight: 1, memoryBytes: 1 << 26 },
    { id: 'n2', weight: 0.5, memoryBytes: 1 << 25 },
  ],
}

test('everything is there again', async () => {
  const data = scratchDirectory()
  const first = await open(data)
  const account = await first.catalogue.createAccount('__proto__')
  const a = await first.catalogue.createBucket('__proto__', { maxBytes: '1mb' }, account.id)
  const b = await first.catalogue.createBucket('🎂')
  await first.catalogue.updateBucket(b.bucket.id, { tier: 'economy' })
  await first.catalogue.setRing(ring)
  const granted = await first.catalogue.grantVersions()
  await first.catalogue.close()

  const { catalogue, made, newRootKey, rootKeyReplaced } = await open(data)
  assert.equal([made, newRootKey, rootKeyReplaced], [false, undefined, false])
  assert.equal(catalogue.secret, first.catalogue.secret)
  assert.equal(catalogue.ring, ring)
  assert.equal(catalogue.accounts(), first.catalogue.accounts())
  assert.equal(catalogue.buckets(), first.catalogue.buckets())
  assert.is(catalogue.authenticate(first.newRootKey ?? '')?.kind, 'root')
  for (const { credentialKey } of [account, a, b]) {
    assert.ok(catalogue.authenticate(credentialKey))
  }
  assert.ok((await catalogue.grantVersions()) > granted)
  await refusal('bucket_exists', () => catalogue.createBucket('🎂'))
  assert.is((await catalogue.createBucket('new')).bucket.slot, 2)
  await catalogue.close()
})

test('a given root key replaces the old one', async () => {
  const data = scratchDirectory()
  const { catalogue, newRootKey = '' } = await open(data)
  await catalogue.close()
  for (const [rootKey, replaced] of [
    ['operator-chose-this', true],
    ['operator-chose-this', false],
    ['operator-chose-that', true],
  ] as const) {
    const next = await open(data, { rootKey })
    assert.is(next.rootKeyReplaced, replaced)
    assert.is(next.newRootKey, undefined)
    assert.is(next.catalogue.authenticate(rootKey)?.kind, 'root')
    assert.is(next.catalogue.authenticate(newRootKey), undefined)
    await next.catalogue.close()
  }
  const last = await open(data)
  assert.is(last.catalogue.authenticate('operator-chose-this'), undefined)
  assert.is(last.catalogue.authenticate('operator-chose-that')?.kind, 'root')
  await last.catalogue.close()
})

test('a limit below what is held is refused, and the directory is free again', async () => {
  const data = scratchDirectory()
  const { catalogue } = await open(data)
  for (const name of ['a', 'b']) await catalogue.createBucket(name)
  await catalogue.close()
  await refusal('too_many_buckets', () => open(data, { maxBuckets: 1 }), /limit is 1/)
  await (await open(data, { maxBuckets: 2 })).catalogue.close()
})

test('it can be read beside a server and after it, but not where there is none', async () => {
  const data = scratchDirectory()
  await refusal('invalid_option', () => readCatalogue(data), /holds no catalogue/)
  assert.equal(readdirSync(data), [])
  const { catalogue } = await open(data)
  const { bucket } = await catalogue.createBucket('x')
  await catalogue.setRing(ring)
  for (const when of ['beside', 'after']) {
    const view = await readCatalogue(data)
    assert.equal(view.bucket(bucket.id), bucket, when)
    assert.equal(view.ring, ring)
    assert.equal(view.secret, catalogue.secret)
    if (when === 'beside') await catalogue.createBucket('y')
    await catalogue.close()
  }
  assert.is((await readCatalogue(data)).buckets().length, 2)
})

test('lmdb is loaded only where there is a data directory', () => {
  const module = new URL('../../src/engine/open-catalogue.js', import.meta.url).href
  const script = `
    import { openCatalogue } from ${JSON.stringify(module)}
    import { randomBytes } from 'node:crypto'
    const { catalogue } = await openCatalogue({ clock: Date.now, random: randomBytes })
    await catalogue.createBucket('x')
    await catalogue.close()
    console.log(process.report.getReport().sharedObjects.some((file) => file.includes('lmdb')))`
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: join(import.meta.dirname, '../..'),
    encoding: 'utf8',
  })
  assert.is(run.stdout.trim(), 'false', run.stderr)
})

test('a directory that cannot be made is refused at once', async () => {
  const file = join(scratchDirectory(), 'file')
  writeFileSync(file, '')
  const places = [
    join(file, 'below'),
    ...(process.platform === 'linux' ? ['/proc/annulus/data'] : []),
  ]
  for (const data of places) {
    await refusal('invalid_option', () => openCatalogue({ data, ...timeAndChance() }))
  }
})

test.run()
