/**
 * Routing: hash and owner of a 20-byte key with 8 nodes, beside other rings.
 * Run alone: `node dist/bench/routing.bench.js`.
 */
import { pathToFileURL } from 'node:url'
import ConsistentHash from 'consistent-hash'
import HashRing from 'hashring'
import { HashRing as Ketama } from 'ketama'
import { Bench } from 'tinybench'
import { xxh32 } from '../src/hash.js'
import { Ring } from '../src/ring/index.js'
import { median } from './rounds.js'

export interface RoutingOptions {
  /** All contestants run once a round, so that a slow spell of the machine meets them all. */
  readonly rounds?: number
  /** How long each contestant runs in a round. */
  readonly timeMs?: number
}

/** `ratio` is the time over ours with 1,024 tokens a node: above 1, ours is ahead. */
export interface RoutingRow {
  readonly name: string
  readonly ns: number
  readonly ratio: number
}

interface Contestant {
  readonly name: string
  /** Finds the owner of each of the KEYS keys; the sum keeps the work from being left out. */
  readonly run: () => number
}

const NODES = 8
const TOKENS = 1_024
/** So many that no cache of answers (hashring keeps 5,000 unless told) holds the next one. */
const KEYS = 8_192
const KEY_BYTES = 20
const SEED = 0x1234
const WARM_MS = 20
/** tinybench's own 64 and 16 would take the slow ones seconds. */
const FEWEST_RUNS = { iterations: 4, warmupIterations: 2 }

export async function routing(options: RoutingOptions = {}): Promise<RoutingRow[]> {
  const { rounds = 5, timeMs = 150 } = options
  const contestants = line()
  const times = new Map(contestants.map(({ name }): [string, number[]] => [name, []]))
  let sink = 0
  for (let round = 0; round < rounds; round++) {
    // Another order each round: nobody always runs after the same neighbour.
    const order = contestants.map((_, i) => contestants[(i + round) % contestants.length])
    const warmupTime = round === 0 ? timeMs : WARM_MS
    const bench = new Bench({ time: timeMs, warmupTime, ...FEWEST_RUNS })
    for (const { name, run } of order) {
      bench.add(name, () => {
        sink += run()
      })
    }
    await bench.run()
    for (const task of bench.tasks) {
      if (!('latency' in task.result)) throw new Error(`${task.name}: ${task.result.state}`)
      times.get(task.name)?.push((task.result.latency.p50 * 1e6) / KEYS)
    }
  }
  if (!Number.isFinite(sink)) throw new Error('an owner was not found')
  const medians = contestants.map(({ name }) => ({ name, ns: median(times.get(name) ?? []) }))
  return medians.map(({ name, ns }) => ({ name, ns, ratio: ns / medians[0].ns }))
}

function line(): Contestant[] {
  const ids = Array.from({ length: NODES }, (_, i) => `10.0.0.${i}:7070`)
  const keys = Array.from({ length: KEYS }, (_, i) => `key:${i}`.padEnd(KEY_BYTES, '0123456789'))
  const bytes = Buffer.from(keys.join(''), 'latin1')
  return [
    ours('annulus, 8 x 1,024 tokens', ids, bytes, 1),
    ours('annulus, 8 x 8,192 tokens (default)', ids, bytes, 8),
    oursFromText(ids, keys),
    hashring(ids, keys),
    consistentHash(ids, keys),
    ketama(ids, keys),
  ]
}

function ours(name: string, ids: readonly string[], bytes: Uint8Array, tokensEach: number) {
  const members = ids.map((id) => ({ id, weight: 1 }))
  const ring = Ring.of(members, { virtualNodes: TOKENS, tokensEach })
  const run = () => {
    let length = 0
    for (let at = 0; at < bytes.length; at += KEY_BYTES) {
      length += ring.owner(xxh32(bytes, at, KEY_BYTES, SEED)).length
    }
    return length
  }
  return { name, run }
}

/** The other rings take strings: this is ours with the way from there. */
function oursFromText(ids: readonly string[], keys: readonly string[]): Contestant {
  const ring = Ring.of(ids.map((id) => ({ id, weight: 1 })))
  const encoder = new TextEncoder()
  const scratch = new Uint8Array(64)
  const owner = (key: string) =>
    ring.owner(xxh32(scratch, 0, encoder.encodeInto(key, scratch).written, SEED))
  return { name: 'annulus, default, from a string', run: () => sumOver(keys, owner) }
}

/** 256 labels at 4 points each; the keys outnumber its cache, so each one is hashed. */
function hashring(ids: readonly string[], keys: readonly string[]): Contestant {
  const ring = new HashRing([...ids], 'md5', { 'vnode count': TOKENS / 4, 'max cache size': 1 })
  return { name: 'hashring (md5)', run: () => sumOver(keys, (key) => ring.get(key)) }
}

function consistentHash(ids: readonly string[], keys: readonly string[]): Contestant {
  const ring = new ConsistentHash({ range: 1_000_003, weight: TOKENS })
  for (const id of ids) ring.add(id)
  return { name: 'consistent-hash (pjw)', run: () => sumOver(keys, (key) => ring.get(key)) }
}

/** One unit of its weight is 50 points. */
function ketama(ids: readonly string[], keys: readonly string[]): Contestant {
  const ring = new Ketama(ids.map((node) => ({ node, weight: TOKENS / 50 })))
  return { name: 'ketama (sha1)', run: () => sumOver(keys, (key) => ring.getNode(key)) }
}

function sumOver(keys: readonly string[], owner: (key: string) => string | undefined): number {
  let length = 0
  for (const key of keys) length += owner(key)?.length ?? Number.NaN
  return length
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const { name, ns, ratio } of await routing()) {
    console.log(`${name.padEnd(40)} ${ns.toFixed(1).padStart(8)} ns   ${ratio.toFixed(2)} x`)
  }
}
