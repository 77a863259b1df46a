import fc from 'fast-check'
import type { Asked, KeyHistory, KeyOperation, Told } from './register.js'

/** One step of a key, before it is known what it is told. */
export interface Step {
  readonly kind: Asked['kind']
  /** On which condition: none, the ETag of now, one of before, `*`. */
  readonly condition: 'none' | 'now' | 'before' | 'any'
  /** How many events before it took effect it was called, and after that it returned. */
  readonly early: number
  readonly late: number
  /** The answer was lost; the step took effect all the same, or not. */
  readonly isLost: boolean
  readonly isVain: boolean
  /** A put or a get within a batch: no ETag is told. */
  readonly isBatch: boolean
}

export interface StepOptions {
  readonly losses?: boolean
  readonly flushes?: boolean
  readonly batches?: boolean
}

const MOST_LATE = 16

export function stepsOf(length: number, options: StepOptions = {}): fc.Arbitrary<Step[]> {
  const { losses = true, flushes = true, batches = true } = options
  const kinds: Asked['kind'][] = ['get', 'get', 'head', 'put', 'put', 'put', 'delete', 'touch']
  if (flushes) kinds.push('flush')
  const step = fc.record({
    kind: fc.constantFrom(...kinds),
    condition: fc.constantFrom('none' as const, 'now' as const, 'before' as const, 'any' as const),
    early: fc.nat({ max: MOST_LATE }),
    late: fc.nat({ max: MOST_LATE }),
    isLost: losses ? fc.nat({ max: 9 }).map((n) => n === 9) : fc.constant(false),
    isVain: fc.boolean(),
    isBatch: batches ? fc.nat({ max: 4 }).map((n) => n === 4) : fc.constant(false),
  })
  return fc.array(step, { minLength: 1, maxLength: length, size: 'max' })
}

/**
 * What clients would see of these steps on a right key: each takes effect at its place in the list,
 * and is called before and returns after it, so that it overlaps with others.
 */
export function rightHistory(steps: readonly Step[], clients = 6): KeyHistory {
  const key = new PlainKey()
  const until = new Array<number>(clients).fill(-1)
  const operations: KeyOperation[] = []
  steps.forEach((step, i) => {
    const at = 4 * i
    // The client that has been free for longest; where none is, the step does not happen.
    const client = until.indexOf(Math.min(...until))
    const called = Math.max(at - step.early, until[client]) + 0.25 + i / (4 * steps.length)
    if (called >= at + 1) return
    const returned = at + 1 + step.late + i / (4 * steps.length)
    const input = key.ask(step, `v${i}`)
    if (step.isLost && input.kind !== 'get' && input.kind !== 'head') {
      if (!step.isVain) key.tell(input)
      until[client] = returned + 1
      const lost = Number.POSITIVE_INFINITY
      operations.push({ client, called, returned: lost, input, output: undefined })
      return
    }
    const full = key.tell(input)
    const isInBatch = step.isBatch && step.condition === 'none'
    const output = isInBatch ? batched(input, full) : full
    until[client] = returned + 1
    operations.push({ client, called, returned, input, output })
  })
  return operations
}

function batched({ kind }: Asked, full: Told): Told {
  if (kind === 'put') return { status: 200 }
  return kind === 'get' ? { ...full, etag: undefined } : full
}

/** A key as the contract has it, written without regard to the model that it is held against. */
class PlainKey {
  private value: string | undefined
  private version = 0
  private readonly versions: number[] = []

  ask(step: Step, value: string): Asked {
    const { kind } = step
    const condition = { ifMatch: this.tagFor(step.condition), ifNoneMatch: undefined }
    if (kind === 'put' && step.condition === 'any') return { kind, value, ifNoneMatch: '*' }
    if (kind === 'put') return { kind, value, ...condition }
    if (kind === 'delete' || kind === 'touch') return { kind, ...condition }
    if (kind !== 'get' || step.condition === 'any') return { kind }
    return { kind, ifNoneMatch: condition.ifMatch }
  }

  tell({ kind, value, ifMatch, ifNoneMatch }: Asked): Told {
    const isThere = this.value !== undefined
    const etag = `"${this.version}"`
    if (kind === 'flush') {
      this.value = undefined
      return { status: 204 }
    }
    if (ifMatch !== undefined && !(isThere && (ifMatch === '*' || ifMatch === etag))) {
      return { status: 412 }
    }
    if (kind === 'put') {
      if (ifNoneMatch === '*' && isThere) return { status: 412 }
      this.versions.push(this.version)
      this.version = this.versions.length
      this.value = value
      return { status: isThere ? 204 : 201, etag: `"${this.version}"` }
    }
    if (this.value === undefined) return { status: 404 }
    if (kind === 'get' && ifNoneMatch === etag) return { status: 304, etag }
    if (kind === 'get') return { status: 200, value: this.value, etag }
    if (kind === 'head') return { status: 200, etag }
    if (kind === 'touch') return { status: 204, etag }
    this.value = undefined
    return { status: 204 }
  }

  private tagFor(condition: Step['condition']): string | undefined {
    if (condition === 'now') return `"${this.version}"`
    if (condition === 'before') return `"${Math.max(0, this.version - 1)}"`
    return condition === 'any' ? '*' : undefined
  }
}
