import { type Budget, check, GaveUp } from './checker.js'
import { isOver } from './history.js'
import { type KeyHistory, KeyModel, type KeyOperation, type Register } from './register.js'

/** A part of a history that no order explains, whatever of these the key held before it. */
export interface Core {
  readonly before: readonly Register[]
  readonly operations: KeyHistory
}

const BUDGET: Budget = { steps: 300_000, configurations: 50_000 }
/** What is found until then is shown. */
const LIMIT_MS = 10_000
/** Stands for whatever was put by an operation that is not in the core. */
const OTHER: Register = { value: '(other)', etag: undefined }

/**
 * The heart of a history that is not linearizable. Each step leaves out something or gives more
 * freedom, so that a linearizable history stays one: what is left is wrong by itself.
 */
export function shrink(history: KeyHistory): Core {
  const deadline = performance.now() + LIMIT_MS
  const fails = (core: Core) => {
    if (performance.now() > deadline) return false
    return core.before.every((state) => isRejected(state, core))
  }
  const returns = history.filter(isOver).map((operation) => operation.returned)
  returns.sort((a, b) => a - b)
  const last = firstThat(returns.length, (i) => fails(upTo(history, returns[i])))
  let core = upTo(history, returns[Math.min(last, returns.length - 1)])
  const calls = core.operations.map((operation) => operation.called).sort((a, b) => a - b)
  const whole = core
  const from = firstThat(calls.length, (i) => !fails(startingAt(whole, calls[i]))) - 1
  if (from > 0) core = startingAt(core, calls[from])
  const parts: ((core: Core, hit: ReadonlySet<KeyOperation>) => Core)[] = [withoutReads, asUnknown]
  for (const weaken of parts) core = weakenAll(core, weaken, fails)
  return core
}

function isRejected(initial: Register, { operations }: Core): boolean {
  try {
    return !check(new KeyModel(operations, initial), operations, BUDGET).isLinearizable
  } catch (error) {
    if (error instanceof GaveUp) return false
    throw error
  }
}

/** The least `i` below `count` that `holds`, where all above it do as well; else `count`. */
function firstThat(count: number, holds: (i: number) => boolean): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}

/** What had happened by then; what was under way has an unknown outcome. */
function upTo(history: KeyHistory, end: number): Core {
  const called = history.filter((operation) => operation.called < end)
  const operations = called.flatMap((one) => (one.returned <= end ? [one] : unfinished(one)))
  return { before: ['absent'], operations }
}

/** What was called later; what was under way has an unknown outcome, and the key held anything. */
function startingAt({ operations }: Core, start: number): Core {
  const earlier = operations.filter((operation) => operation.called < start)
  const kept = [
    ...earlier.flatMap((one) => (one.returned > start ? unknown(one) : [])),
    ...operations.filter((operation) => operation.called >= start),
  ]
  const named = new Set(kept.flatMap((one) => [one.output?.value, one.input.ifMatch]))
  for (const one of kept) named.add(one.output?.etag).add(one.input.ifNoneMatch)
  const before: Register[] = ['absent', OTHER]
  for (const { input, output } of earlier) {
    if (input.kind !== 'put' || input.value === undefined) continue
    const etag = etagOf(operations, input.value) ?? output?.etag
    if (named.has(input.value) || (etag !== undefined && named.has(etag))) {
      before.push({ value: input.value, etag })
    }
  }
  return { before, operations: kept }
}

function etagOf(history: KeyHistory, value: string): string | undefined {
  return history.find((one) => one.output?.value === value)?.output?.etag
}

/** An operation whose answer is forgotten: nothing at all is left of one that only reads. */
function unknown(operation: KeyOperation): KeyOperation[] {
  return isRead(operation) ? [] : [{ ...operation, output: undefined }]
}

/** An operation that is still under way at the end. */
function unfinished(operation: KeyOperation): KeyOperation[] {
  const { kind } = operation.input
  if (kind === 'get' || kind === 'head') return []
  return [{ ...operation, returned: Number.POSITIVE_INFINITY, output: undefined }]
}

/** It changed nothing: without it, the others are explained by the same order. */
function isRead({ input, output }: KeyOperation): boolean {
  const status = output?.status
  return input.kind === 'get' || input.kind === 'head' || status === 404 || status === 412
}

function withoutReads(core: Core, hit: ReadonlySet<KeyOperation>): Core {
  const operations = core.operations.filter((one) => !hit.has(one) || !isRead(one))
  return { ...core, operations }
}

function asUnknown(core: Core, hit: ReadonlySet<KeyOperation>): Core {
  const operations = core.operations.flatMap((one) => {
    return hit.has(one) && one.output !== undefined ? unknown(one) : [one]
  })
  return { ...core, operations }
}

/** Weakens in ever smaller portions what can be weakened while the core still fails. */
function weakenAll(
  core: Core,
  weaken: (core: Core, hit: ReadonlySet<KeyOperation>) => Core,
  fails: (core: Core) => boolean,
): Core {
  let best = core
  for (let size = core.operations.length; size >= 1; size = size >> 1) {
    const { operations } = best
    for (let from = 0; from < operations.length; from += size) {
      const candidate = weaken(best, new Set(operations.slice(from, from + size)))
      const isWeaker = candidate.operations.some((one) => !best.operations.includes(one))
      const isLess = candidate.operations.length < best.operations.length
      if ((isWeaker || isLess) && fails(candidate)) best = candidate
    }
  }
  return best
}
