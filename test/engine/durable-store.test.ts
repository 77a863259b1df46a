import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { open as openLmdb } from 'lmdb'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { DurableStore } from '../../src/engine/durable-store.js'
import { openCatalogue, readCatalogue } from '../../src/engine/open-catalogue.js'
import { sealRecord, unsealRecord } from '../../src/engine/sealed-record.js'
import { skip } from '../skip.js'
import { refusal, scratchDirectory, timeAndChance } from './scratch.js'

const test = suite('durable store')
const open = (data: string) => openCatalogue({ data, ...timeAndChance() })
const BUCKETS = 60

/** A directory with buckets in it, closed in order. */
async function filled(): Promise<string> {
  const data = scratchDirectory()
  const { catalogue } = await open(data)
  for (let n = 0; n < BUCKETS; n++) await catalogue.createBucket(`bucket ${n}`)
  await catalogue.close()
  return data
}

const sealOf = (data: string) => join(data, 'catalogue.seal')
const fileOf = (data: string) => join(data, 'catalogue.mdb')

/** As a process leaves it that was killed: nothing vouches for the file. */
function unseal(data: string): void {
  writeFileSync(sealOf(data), 'annulus catalogue 1 open\n')
}

function copyOf(data: string): string {
  const copy = scratchDirectory()
  // Not the lock: sockets cannot be copied.
  const files = readdirSync(data).filter((name) => name.startsWith('catalogue'))
  for (const name of files) copyFileSync(join(data, name), join(copy, name))
  return copy
}

function flip(file: string, at: number): void {
  const bytes = readFileSync(file)
  bytes[at] ^= 0x10
  writeFileSync(file, bytes)
}

async function edit(data: string, work: (db: ReturnType<typeof openLmdb>) => void): Promise<void> {
  const db = openLmdb(fileOf(data), { encoding: 'binary', noSubdir: true, overlappingSync: false })
  await db.transaction(() => work(db))
  await db.close()
}

/** Both ways in refuse it, and a refusal does not make it good. */
async function refusedBothWays(data: string, message?: RegExp): Promise<void> {
  await refusal('internal', () => open(data), message)
  await refusal('internal', () => readCatalogue(data), message)
}

test('a sealed record is read back, and no other bit pattern is', async () => {
  const value = { id: 'x', name: '🎂', list: [1, { b: 1, a: null }] }
  const { bytes, checksum } = sealRecord('bucket/x', value)
  assert.equal(unsealRecord('bucket/x', bytes), { value, checksum })
  await refusal('internal', () => unsealRecord('bucket/y', bytes), /checksum/)
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const bent = Buffer.from(bytes)
    bent[bit >> 3] ^= 1 << (bit & 7)
    await refusal('internal', () => unsealRecord('bucket/x', bent))
  }
  for (let length = 0; length < bytes.length; length++) {
    await refusal('internal', () => unsealRecord('bucket/x', bytes.subarray(0, length)))
  }
})

test('a flipped bit anywhere in a file that was closed is noticed', async () => {
  const data = await filled()
  const { size } = statSync(fileOf(data))
  for (let n = 0; n < 25; n++) {
    const copy = copyOf(data)
    flip(fileOf(copy), Math.floor((n / 25) * size) + n)
    await refusedBothWays(copy, /not as it was left/)
  }
  await (await open(data)).catalogue.close()
})

test('in a file that was not, every record is looked at', async () => {
  const data = await filled()
  unseal(data)
  const bytes = readFileSync(fileOf(data))
  for (const name of ['"bucket 7"', '"default"', '"secret":"', '"kind":"root"']) {
    const copy = copyOf(data)
    for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at + 1)) {
      flip(fileOf(copy), at + name.length - 2)
    }
    await refusedBothWays(copy, /damaged/)
  }
  await (await open(data)).catalogue.close()
})

test('a truncated file is refused, not read, closed or not', async () => {
  const data = await filled()
  const { size } = statSync(fileOf(data))
  for (const length of [0, 100, 8192, Math.floor(size / 2)]) {
    const copy = copyOf(data)
    truncateSync(fileOf(copy), length)
    await refusedBothWays(copy, /not as it was left/)
    unseal(copy)
    await refusedBothWays(copy, /damaged/)
  }
})

test('a file or a seal that is missing or unreadable is refused', async () => {
  const data = await filled()
  const cases: [(copy: string) => void, RegExp][] = [
    [(copy) => rmSync(fileOf(copy)), /is gone/],
    [(copy) => rmSync(sealOf(copy)), /without its/],
    [(copy) => writeFileSync(sealOf(copy), ''), /cannot be read/],
    [(copy) => flip(sealOf(copy), 18), /cannot be read/],
    [(copy) => writeFileSync(sealOf(copy), 'annulus catalogue 2 open\n'), /cannot be read/],
  ]
  for (const [damage, message] of cases) {
    const copy = copyOf(data)
    damage(copy)
    await refusedBothWays(copy, message)
  }
})

test('a record that went missing, came back or moved is noticed', async () => {
  const data = await filled()
  unseal(data)
  const { catalogue } = await open(data)
  const [first, second] = catalogue.buckets()
  const key = `bucket/${first.id}`
  await catalogue.close()
  const old = copyOf(data)
  const again = await open(old)
  await again.catalogue.updateBucket(first.id, { replicas: 3 })
  await again.catalogue.close()

  const cases: [string, (db: ReturnType<typeof openLmdb>) => void, RegExp][] = [
    [data, (db) => db.removeSync(key), /missing/],
    [data, (db) => db.removeSync('tally'), /missing/],
    [data, (db) => db.putSync(`bucket/${second.id}`, db.get(key)), /checksum/],
    [data, (db) => db.putSync('bucket/1', sealRecord('bucket/1', first).bytes), /names itself/],
    [data, (db) => db.putSync('odd', sealRecord('odd', {}).bytes), /no kind of record/],
    [old, (db) => db.putSync(key, sealRecord(key, first).bytes), /missing/],
  ]
  for (const [from, damage, message] of cases) {
    const copy = copyOf(from)
    unseal(copy)
    await edit(copy, damage)
    await refusedBothWays(copy, message)
  }
})

test('a start that died before its first record begins anew', async () => {
  const data = scratchDirectory()
  writeFileSync(sealOf(data), 'annulus catalogue 1 new\n')
  writeFileSync(fileOf(data), 'half a page')
  await refusal('invalid_option', () => readCatalogue(data), /holds no catalogue/)
  const { catalogue, made } = await open(data)
  assert.is(made, true)
  await catalogue.close()
})

test('many commits at once share transactions, and each is whole', async () => {
  const data = scratchDirectory()
  const store = DurableStore.open(data)
  store.load()
  let commits = 0
  const account = (id: string) =>
    ({ put: { type: 'account', value: { id, name: id, createdMs: 1 } } }) as const
  const order: number[] = []
  await Promise.all(
    Array.from({ length: 100 }, async (_, n) => {
      await store.commit([account(`${n}a`), account(`${n}b`)])
      order.push(n)
      commits++
    }),
  )
  assert.is(commits, 100)
  assert.equal(
    order,
    [...order].sort((a, b) => a - b),
  )
  await store.commit([{ remove: 'account/7a' }, account('7c')])
  await store.close()
  await refusal('closed', () => store.commit([account('late')]))
  const reader = DurableStore.openReadOnly(data)
  const ids = reader.load().map((record) => (record.type === 'account' ? record.value.id : ''))
  await reader.close()
  assert.is(ids.length, 200)
  assert.is(ids.includes('7a'), false)
  assert.is(ids.includes('7c'), true)
})

if (process.platform === 'win32') skip(test, 'the mode', 'files have no such mode on Windows')
else
  test('nobody else may read the file', async () => {
    assert.is(statSync(fileOf(await filled())).mode & 0o77, 0)
  })

test('what is acknowledged is in the file, before any close', async () => {
  const data = scratchDirectory()
  const { catalogue } = await open(data)
  const { bucket } = await catalogue.createBucket('x')
  const copy = copyOf(data)
  assert.equal((await readCatalogue(copy)).bucket(bucket.id), bucket)
  await catalogue.close()
})

if (process.platform === 'win32') skip(test, 'a full disk', 'there is no ulimit on Windows')
else
  test('a disk that takes no more refuses the change, and nothing else is lost', async () => {
    const data = scratchDirectory()
    const child = fileURLToPath(new URL('./full-disk-child.js', import.meta.url))
    const limited = 'ulimit -f 400 && exec "$0" "$@"'
    const { stdout, stderr } = spawnSync('sh', ['-c', limited, process.execPath, child, data], {
      encoding: 'utf8',
    })
    const { names, listed, code, maybeStored } = JSON.parse(stdout || `"${stderr}"`)
    assert.equal([code, maybeStored], ['internal', true])
    assert.equal(listed, names)
    const { catalogue } = await open(data)
    const found = new Set(catalogue.buckets().map((bucket) => bucket.name))
    assert.ok(names.every((name: string) => found.has(name)))
    assert.ok(found.size <= names.length + 1)
    await catalogue.createBucket('there is room again')
    await catalogue.close()
  })

test.run()
