import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readTrace, readTraceBatches } from '../../../src/cli/bench/trace.js'
import {
  formats,
  looksLike,
  type TraceFormat,
  type TraceRequest,
} from '../../../src/cli/bench/trace-format.js'
import { packageFolder, scratch } from '../../scratch.js'
import { skip } from '../../skip.js'

const test = suite('cli/bench/trace')
const place = scratch('trace')

async function read(name: string, bytes: Buffer | string, format?: TraceFormat) {
  const path = place.write(name, bytes)
  const seen: TraceRequest[] = []
  for await (const request of readTrace(path, format)) seen.push(request)
  return seen
}

const keys = (requests: TraceRequest[]) => requests.map(({ key }) => key)

function oracleRecord(time: number, id: bigint, sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(24)
  bytes.writeUInt32LE(time, 0)
  bytes.writeBigUInt64LE(id, 4)
  bytes.writeUInt32LE(sizeBytes, 12)
  bytes.writeBigInt64LE(-1n, 16)
  return bytes
}

test('oltp: a line stands for consecutive blocks', async () => {
  assert.equal(keys(await read('OLTP', '7 3 0 0\n20 1 0 1\n')), [7, 8, 9, 20])
  assert.equal(keys(await read('x', '7 2 0 0', 'oltp')), [7, 8], 'no line break at the end')
})

test('lirs: stars, blank lines and carriage returns mean nothing', async () => {
  assert.equal(keys(await read('a.trace', '*\r\n5\r\n\r\n6\r\n*\r\n5')), [5, 6, 5])
})

test('corda: big-endian 64-bit keys, exact beyond what a double holds', async () => {
  const bytes = Buffer.alloc(24)
  bytes.writeBigInt64BE(42n, 0)
  bytes.writeBigInt64BE(-9_007_199_254_740_993n, 8)
  bytes.writeBigInt64BE(4_115_198_213_318_363_847n, 16)
  const expected = [42, '-9007199254740993', '4115198213318363847']
  assert.equal(keys(await read('corda_x', bytes)), expected)
})

test('oracle: id and size of each record', async () => {
  const bytes = Buffer.concat([oracleRecord(1, 42n, 512), oracleRecord(1, 2n ** 60n, 4096)])
  const expected = [
    { key: 42, sizeBytes: 512 },
    { key: '1152921504606846976', sizeBytes: 4096 },
  ]
  assert.equal(await read('w.oracleGeneral.bin', bytes), expected)
  assert.equal(await read('unnamed', bytes), expected)
})

test('gzipped or plain, told by its first bytes', async () => {
  assert.equal(keys(await read('plain-name', gzipSync('1\n2\n'))), [1, 2])
  assert.equal(keys(await read('plain.gz', '1\n2\n')), [1, 2])
})

test('a record across the border of two chunks is one record', () => {
  const whole = '123 2 0 0\n456 1 0 1\n'
  for (let cut = 0; cut <= whole.length; cut++) {
    const decoder = formats.oltp()
    const parts = [whole.slice(0, cut), whole.slice(cut)].map((part) => Buffer.from(part))
    const seen = [...parts.map((part) => decoder.take(part)), decoder.end()]
    assert.equal(keys(seen.flatMap(({ requests }) => requests)), [123, 124, 456])
  }
  const bytes = Buffer.concat([oracleRecord(1, 5n, 10), oracleRecord(2, 6n, 11)])
  for (let cut = 0; cut <= bytes.length; cut++) {
    const decoder = formats.oracle()
    const seen = [decoder.take(bytes.subarray(0, cut)), decoder.take(bytes.subarray(cut))]
    assert.equal(keys(seen.flatMap(({ requests }) => requests)), [5, 6])
    assert.equal(decoder.end().requests, [])
  }
})

test('what is no trace is refused with its file, and how to go on', async () => {
  const refuse = async (pattern: RegExp, ...args: Parameters<typeof read>) => {
    const said = await read(...args).then(() => 'read', String)
    assert.match(said, pattern)
  }
  await refuse(
    /--trace: \S+a\.trace holds the line "x", not an integer/,
    'a.trace',
    '1\nx\n',
    'lirs',
  )
  await refuse(/holds the line "1", not "startBlock/, 'b', '1\n', 'oltp')
  await refuse(/ends within a record of 8 bytes, after 1 good records/, 'corda', Buffer.alloc(9))
  await refuse(/name one \(oltp, lirs, corda, oracle\)/, 'what', 'hello')
  await refuse(/is empty/, 'none', '')
  await refuse(/cannot be read: unexpected end of file/, 'c', gzipSync('1\n2\n').subarray(0, 12))
  const missing = await readTrace('/nowhere/at/all')
    .next()
    .then(() => 'read', String)
  assert.match(missing, /--trace: \/nowhere\/at\/all cannot be read: ENOENT/)
})

test('a format is told from name and content', () => {
  const text = (line: string) => Buffer.from(line)
  assert.is(looksLike('multi3.trace', text('1\n2\n')), 'lirs')
  assert.is(looksLike('anything', text('1 1 0 0\n')), 'oltp')
  assert.is(looksLike('anything', text('1 1\n')), undefined)
  assert.is(looksLike('anything', Buffer.from([0xff, 0x00, 0x80])), undefined)
})

const known: [file: string, requests: number, distinct: number][] = [
  ['OLTP.gz', 914_145, 186_880],
  ['gli.trace.gz', 6_015, 2_529],
  ['multi3.trace.gz', 30_241, 7_454],
  ['loop.trace.gz', 505_500, 1_011],
  ['sprite.trace.gz', 133_996, 7_075],
  ['corda_vaultservice.gz', 135_702, 90_468],
  ['cloudPhysicsIO.oracleGeneral.bin.gz', 113_872, 48_974],
]
const traces = process.env['ANNULUS_TRACES'] ?? join(packageFolder, '../shared/traces')

for (const [file, requests, distinct] of known) {
  const name = `${file}: ${requests} requests of ${distinct} keys`
  if (!existsSync(join(traces, file))) {
    skip(test, name, 'the trace is not here; ANNULUS_TRACES names the folder that has it')
    continue
  }
  test(name, async () => {
    const seen = new Set<number | string>()
    let count = 0
    for await (const batch of readTraceBatches(join(traces, file))) {
      count += batch.length
      for (const { key } of batch) seen.add(key)
    }
    assert.equal([count, seen.size], [requests, distinct])
  })
}

test.after(() => place.remove())
test.run()
