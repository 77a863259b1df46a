/**
 * How evenly keys lie on 8 nodes, and how many change their owner when a ninth joins. Several sets of
 * names: where tokens fall depends on them, and the worst of them is shown.
 */
import HashRing from 'hashring'
import { xxh32 } from '../src/hash.js'
import { type Arc, inArc, moves, Ring } from '../src/ring/index.js'
import { countFor, FULL } from './effort.js'
import type { Row } from './row.js'

const NODES = 8
const KEYS = 500_000
/** hashring hashes a key with MD5: fewer will do. */
const SLOW_KEYS = 50_000
const SETS = 5
/** 1,024 points a node, and no cache that keeps answers. */
const HASHRING = { 'vnode count': 256, 'max cache size': 1 }
const PEAK_AIM = 1.05
const MOVED_AIM = 1.1

interface Placed {
  /** The fullest node over the average. */
  readonly peak: number
  /** Keys that change their owner, over the least possible number. */
  readonly moved: number
  /** Keys that change their owner although they lie in no arc that moves. */
  readonly strays: number
}

/** The owner's number among 8 nodes, and among 9. */
type Owners = (key: number) => readonly [before: number, after: number]

export async function balanceRows(effort = FULL): Promise<Row[]> {
  const keys = countFor(KEYS, effort)
  const few = countFor(SLOW_KEYS, effort)
  const sets = Array.from({ length: SETS }, (_, set) =>
    Array.from({ length: NODES + 1 }, (_, i) => `10.${set}.0.${i}:7070`),
  )
  const ours = worst(sets.map((ids) => onRing(ids, keys)))
  const hashring = worst(sets.map((ids) => place(few, onHashring(ids))))
  const modulo = worst([place(keys, (key) => [hashOf(key) % NODES, hashOf(key) % (NODES + 1)])])
  return [
    ...rowsOf('annulus', ours),
    row(
      'keys outside the arcs that changed owner: annulus',
      ours.strays,
      'keys',
      '0',
      (n) => n === 0,
    ),
    ...rowsOf('hashring', hashring),
    ...rowsOf('modulo', modulo),
  ]
}

function worst(all: readonly Placed[]): Placed {
  const most = (part: keyof Placed) => Math.max(...all.map((placed) => placed[part]))
  return { peak: most('peak'), moved: most('moved'), strays: most('strays') }
}

function rowsOf(name: string, { peak, moved }: Placed): Row[] {
  const bar = (group: string) => ({ bar: { group, label: name, isOurs: name === 'annulus' } })
  const [fullest, change] = [`fullest node / average: ${name}`, `moved / least possible: ${name}`]
  if (name === 'annulus') {
    return [
      {
        ...row(fullest, peak, '', `<= ${PEAK_AIM}`, (n) => n <= PEAK_AIM),
        ...bar('fullest node / average'),
      },
      {
        ...row(change, moved, '', `<= ${MOVED_AIM}`, (n) => n <= MOVED_AIM),
        ...bar('moved / least possible'),
      },
    ]
  }
  return [
    { bench: 'balance', what: fullest, value: peak, unit: '', ...bar('fullest node / average') },
    { bench: 'balance', what: change, value: moved, unit: '', ...bar('moved / least possible') },
  ]
}

function row(
  what: string,
  value: number,
  unit: string,
  aim: string,
  isMet: (value: number) => boolean,
): Row {
  return { bench: 'balance', what, value, unit, aim, met: isMet(value) }
}

function onRing(ids: readonly string[], keys: number): Placed {
  const members = ids.map((id) => ({ id, weight: 1 }))
  const before = Ring.of(members.slice(0, NODES))
  const after = before.with(members[NODES])
  const isMoving = among(moves(before, after))
  let strays = 0
  const placed = place(keys, (key) => {
    const hash = hashOf(key)
    const owners = [before.ownerIndex(hash), after.ownerIndex(hash)] as const
    if (owners[0] !== owners[1] && !isMoving(hash)) strays++
    return owners
  })
  return { ...placed, strays }
}

/** Whether a position lies in one of these: the first that ends there or later, or the one across 0. */
function among(arcs: readonly Arc[]): (position: number) => boolean {
  const sorted = arcs.toSorted((a, b) => a.to - b.to)
  return (position) => {
    let [low, high] = [0, sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (sorted[middle].to < position) low = middle + 1
      else high = middle
    }
    return [sorted[low], sorted[0]].some((arc) => arc !== undefined && inArc(arc, position))
  }
}

function onHashring(ids: readonly string[]): Owners {
  const ring = (count: number) => new HashRing(ids.slice(0, count), 'md5', HASHRING)
  const [before, after] = [ring(NODES), ring(NODES + 1)]
  const indexOf = new Map(ids.map((id, i): [string, number] => [id, i]))
  const owner = (of: HashRing, key: number) => indexOf.get(of.get(keyOf(key)) ?? '') ?? -1
  return (key) => [owner(before, key), owner(after, key)]
}

function place(keys: number, owners: Owners): Placed {
  const load = new Uint32Array(NODES)
  let moved = 0
  for (let key = 0; key < keys; key++) {
    const [before, after] = owners(key)
    load[before]++
    if (before !== after) moved++
  }
  return {
    peak: (Math.max(...load) * NODES) / keys,
    moved: (moved * (NODES + 1)) / keys,
    strays: 0,
  }
}

const encoder = new TextEncoder()
const scratch = new Uint8Array(32)

function keyOf(key: number): string {
  return `user:${key}`
}

function hashOf(key: number): number {
  return xxh32(scratch, 0, encoder.encodeInto(keyOf(key), scratch).written, 0)
}
