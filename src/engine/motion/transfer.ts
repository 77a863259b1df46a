import { CacheError } from '../../errors.js'
import type { Node, Sink, Write } from '../../node/node.js'
import { CREATED, IF_ABSENT, OP_COPY, OP_DROP, OP_RELEASE, STALE } from '../../store/order.js'
import { BUSY } from '../../store/reader.js'
import { ownerOf, type Routes } from '../routes.js'
import { type HeldKey, orderOf } from './held.js'
import type { Meter } from './meter.js'
import { type Fate, isHomeless, type Settled, sizeOf } from './settler.js'

/** No order was needed, or none could be given: the key has to be settled by itself. */
const NOT_ASKED = 0

/** The outcomes of orders given in one go, when all are there. */
class Outcomes implements Sink {
  readonly outcomes: number[]
  readonly all: Promise<void>
  private left = 1
  private resolve!: () => void

  constructor(count: number) {
    this.outcomes = new Array<number>(count).fill(NOT_ASKED)
    this.all = new Promise((resolve) => {
      this.resolve = resolve
    })
  }

  submit(node: Node, write: Write, index: number): void {
    this.left++
    try {
      node.submit(write, this, index)
    } catch (error) {
      this.fail(index, error instanceof CacheError ? error : new CacheError('internal', `${error}`))
    }
  }

  /** No more orders come. */
  sealed(): Promise<void> {
    this.countDown()
    return this.all
  }

  settle(index: number, outcome: number): void {
    this.outcomes[index] = outcome
    this.countDown()
  }

  fail(index: number, _error: CacheError): void {
    this.outcomes[index] = NOT_ASKED
    this.countDown()
  }

  private countDown(): void {
    if (--this.left === 0) {
      this.resolve()
    }
  }
}

/**
 * What `settle` does, for many keys without copies at once: two rounds of orders, whatever their
 * number. The caller has the keys' turns. Where anything is out of the ordinary a key comes out as
 * `stale`, and nothing is lost: it is still at its source, or at both places with one version.
 */
export async function transfer(
  keys: readonly HeldKey[],
  routes: Routes,
  meter: Meter,
): Promise<Fate[]> {
  const copies = new Outcomes(keys.length)
  const settled = new Array<Settled>(keys.length).fill('stale')
  const sources = meter.measure(() =>
    keys.map((key, i) => sendCopy(key, routes, copies, i, settled)),
  )
  await copies.sealed()
  const releases = new Outcomes(keys.length)
  meter.measure(() => {
    for (const [i, source] of sources.entries()) {
      const outcome = copies.outcomes[i]
      if (source === undefined || outcome === STALE || (outcome === NOT_ASKED && !source.isSure)) {
        settled[i] = settled[i] === 'idle' ? 'idle' : 'stale'
        continue
      }
      const order = orderOf(keys[i], routes.fence, source.isDrop ? OP_DROP : OP_RELEASE)
      releases.submit(source.node, order, i)
      settled[i] = source.isDrop
        ? 'dropped'
        : isHomeless(outcome)
          ? 'lost'
          : outcome === CREATED
            ? 'moved'
            : 'released'
    }
  })
  await releases.sealed()
  for (const [i, outcome] of releases.outcomes.entries()) {
    if (settled[i] !== 'idle' && (outcome === STALE || outcome === NOT_ASKED)) {
      settled[i] = 'stale' // at both places: no release was asked for, or none carried out
    }
  }
  return settled.map((one, i) => ({
    settled: one,
    sizeBytes: sources[i]?.sizeBytes ?? 0,
    copies: 0,
  }))
}

interface Source {
  readonly node: Node
  readonly sizeBytes: number
  readonly isDrop: boolean
  /** It can be released without a copy: the owner has the key, or need not have it. */
  readonly isSure: boolean
}

/** Sends the key's item to its new owner. Undefined: there is nothing to release. */
function sendCopy(
  key: HeldKey,
  routes: Routes,
  copies: Outcomes,
  index: number,
  settled: Settled[],
): Source | undefined {
  const { hash, words, length, space } = key
  const owner = ownerOf(routes, hash)
  const node = ownerOf(routes.before ?? routes, hash)
  if (owner === node) {
    return undefined // a surplus copy: settled by itself
  }
  try {
    const isDrop = key.tenant.record.tier === 'economy'
    const head = isDrop ? node.reader.headOf(hash, words, length, space) : undefined
    const item = isDrop ? undefined : node.reader.find(hash, words, length, space)
    if (head !== undefined) {
      return { node, sizeBytes: sizeOf(key, head), isDrop, isSure: true }
    }
    if (item === undefined) {
      settled[index] = 'idle'
      return undefined
    }
    const sizeBytes = sizeOf(key, { ...item, sizeBytes: item.value.length })
    if (owner.reader.has(hash, words, length, space)) {
      return { node, sizeBytes, isDrop, isSure: true }
    }
    const { version, deadline, type = '', value } = item
    const rest = { condition: IF_ABSENT, version, deadline, type, value }
    copies.submit(owner, orderOf(key, routes.fence, OP_COPY, rest), index)
    return { node, sizeBytes, isDrop, isSure: false }
  } catch (error) {
    if (error === BUSY) {
      return undefined
    }
    throw error
  }
}
