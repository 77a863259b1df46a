import type { History, Model, Operation } from './history.js'

/** What a client asks of one key. No value is written twice in a history. */
export interface Asked {
  readonly kind: 'get' | 'head' | 'put' | 'delete' | 'touch' | 'flush'
  /** Of a put. */
  readonly value?: string | undefined
  /** An ETag, or `*`. */
  readonly ifMatch?: string | undefined
  /** On a put only `*`; on a get an ETag. */
  readonly ifNoneMatch?: string | undefined
}

/** What it was told: by HTTP's status, with value and ETag where they were given. */
export interface Told {
  readonly status: number
  readonly value?: string | undefined
  readonly etag?: string | undefined
  /** Of a refusal, for whoever reads a failure. */
  readonly code?: string | undefined
}

export type KeyOperation = Operation<Asked, Told>
export type KeyHistory = History<Asked, Told>

/** A key that is there; `etag` is undefined while nobody was told it. */
export interface Stored {
  readonly value: string
  readonly etag: string | undefined
}

/** What the key holds. */
export type Register = Stored | 'absent'

const ABSENT = 'absent'
const ANY = '*'
/** Says of a write that nothing was stored; where something may have been, the outcome is unknown. */
const UNAVAILABLE = 503
/** Stands for every value that no answer names. */
const UNSEEN = '~'

/**
 * One key of a bucket that has memory to spare and whose TTLs lie beyond the history: nothing is
 * evicted, nothing expires. Values are unique and so are ETags, so either tells the other; what the
 * history says of that is gathered first.
 */
export class KeyModel implements Model<Register, Asked, Told> {
  readonly initial: Register
  private readonly etagOf: ReadonlyMap<string, string>
  private readonly ownerOf: ReadonlyMap<string, string>
  /** Values that some answer names; the others cannot be told apart. */
  private readonly seen: ReadonlySet<string | undefined>

  constructor(history: KeyHistory, initial: Register = ABSENT) {
    this.initial = initial
    this.seen = new Set(history.map((operation) => operation.output?.value))
    const { etagOf, ownerOf } = namesIn(history)
    this.etagOf = etagOf
    this.ownerOf = ownerOf
  }

  keyOf(state: Register): string {
    return state === ABSENT ? '' : `${state.etag ?? ''} ${state.value}`
  }

  isRead(asked: Asked, told: Told | undefined): boolean {
    const status = told?.status
    const isOfRead = asked.kind === 'get' || asked.kind === 'head' || asked.kind === 'touch'
    return isOfRead || status === 404 || status === 412 || status === UNAVAILABLE
  }

  twinOf({ kind, value = '', ifMatch, ifNoneMatch }: Asked): string | undefined {
    if (this.seen.has(value)) return undefined
    return `${kind} ${ifMatch ?? ''} ${ifNoneMatch ?? ''}`
  }

  step(state: Register, asked: Asked, told: Told | undefined): Register | undefined {
    if (told?.status === UNAVAILABLE) return state
    switch (asked.kind) {
      case 'get':
      case 'head':
        return told === undefined ? state : this.read(state, asked, told)
      case 'put':
        return this.put(state, asked, told)
      case 'delete':
        return this.change(state, asked, told, () => ABSENT)
      case 'touch':
        return this.change(state, asked, told, (stored) => this.named(stored, told?.etag))
      default:
        return told === undefined || told.status === 204 ? ABSENT : undefined
    }
  }

  private read(state: Register, asked: Asked, told: Told): Register | undefined {
    if (state === ABSENT) return told.status === 404 ? state : undefined
    const { ifNoneMatch } = asked
    if (told.status === 304) {
      return ifNoneMatch === undefined ? undefined : this.named(state, ifNoneMatch)
    }
    if (told.status !== 200) return undefined
    if (asked.kind === 'get' && told.value !== state.value) return undefined
    if (ifNoneMatch !== undefined && state.etag === ifNoneMatch) return undefined
    return this.named(state, told.etag)
  }

  private put(state: Register, asked: Asked, told: Told | undefined): Register | undefined {
    const { value = '', ifMatch, ifNoneMatch } = asked
    if (told?.status === 412) {
      if (ifNoneMatch !== undefined) return state === ABSENT ? undefined : state
      return this.mismatches(state, ifMatch) ? state : undefined
    }
    // A batch answers 200 and says neither whether the key was new nor its ETag.
    const fits =
      told === undefined || told.status === 200 || told.status === (state === ABSENT ? 201 : 204)
    if (!fits || (ifNoneMatch !== undefined && state !== ABSENT)) return undefined
    if (ifMatch !== undefined && !this.matches(state, ifMatch)) return undefined
    return { value: this.seen.has(value) ? value : UNSEEN, etag: this.etagOf.get(value) }
  }

  /** Of a key that has to be there. */
  private change(
    state: Register,
    asked: Asked,
    told: Told | undefined,
    done: (stored: Stored) => Register | undefined,
  ): Register | undefined {
    const { ifMatch } = asked
    if (told?.status === 412) return this.mismatches(state, ifMatch) ? state : undefined
    if (told?.status === 404) return state === ABSENT && ifMatch === undefined ? state : undefined
    if (told !== undefined && told.status !== 204) return undefined
    if (state === ABSENT || (ifMatch !== undefined && !this.matches(state, ifMatch))) {
      return undefined
    }
    return done(ifMatch === undefined ? state : (this.named(state, ifMatch) ?? state))
  }

  private matches(state: Register, ifMatch: string): boolean {
    return state !== ABSENT && this.named(state, ifMatch) !== undefined
  }

  /** Where the state's ETag is not known, it may be this one or another. */
  private mismatches(state: Register, ifMatch: string | undefined): boolean {
    if (ifMatch === undefined) return false
    return state === ABSENT || (ifMatch !== ANY && state.etag !== ifMatch)
  }

  /** The same, known by this ETag; undefined where it has another. */
  private named(stored: Stored, etag: string | undefined): Stored | undefined {
    if (etag === undefined || etag === ANY || stored.etag === etag) return stored
    const isFree = stored.etag === undefined && !this.ownerOf.has(etag)
    return isFree ? { value: stored.value, etag } : undefined
  }
}

/** Which value goes with which ETag, from every answer that tells both. */
function namesIn(history: KeyHistory): {
  etagOf: Map<string, string>
  ownerOf: Map<string, string>
} {
  const etagOf = new Map<string, string>()
  const ownerOf = new Map<string, string>()
  for (const { value, etag } of namings(history)) {
    if (!etagOf.has(value)) etagOf.set(value, etag)
    if (!ownerOf.has(etag)) ownerOf.set(etag, value)
  }
  return { etagOf, ownerOf }
}

function namings(history: KeyHistory): { value: string; etag: string; by: KeyOperation }[] {
  return history.flatMap((by) => {
    const { input, output } = by
    const isPut = input.kind === 'put' && (output?.status === 201 || output?.status === 204)
    const value = isPut ? input.value : output?.value
    const etag = output?.etag
    return value === undefined || etag === undefined ? [] : [{ value, etag, by }]
  })
}

/**
 * What is wrong without regard to order: a value that nobody put, an ETag seen with two values, a
 * value seen with two ETags. Undefined where nothing is.
 */
export function contradiction(
  history: KeyHistory,
): { readonly text: string; readonly operations: KeyOperation[] } | undefined {
  const puts = new Map<string, KeyOperation>()
  for (const operation of history) {
    const { kind, value } = operation.input
    if (kind !== 'put' || value === undefined) continue
    if (puts.has(value)) throw new RangeError(`${value} is put twice: values must be unique`)
    puts.set(value, operation)
  }
  for (const operation of history) {
    const value = operation.output?.value
    if (value === undefined) continue
    const put = puts.get(value)
    if (put === undefined) {
      return { text: `nobody put ${value}`, operations: [operation] }
    }
    if ((put.output?.status ?? 0) >= 400) {
      return { text: `${value} was refused and is read`, operations: [operation, put] }
    }
    if (operation.returned < put.called) {
      return { text: `${value} was read before it was put`, operations: [operation, put] }
    }
  }
  const byValue = new Map<string, { etag: string; by: KeyOperation }>()
  const byEtag = new Map<string, { value: string; by: KeyOperation }>()
  for (const { value, etag, by } of namings(history)) {
    const other = byValue.get(value)
    if (other !== undefined && other.etag !== etag) {
      return {
        text: `${value} has the ETags ${other.etag} and ${etag}`,
        operations: [other.by, by],
      }
    }
    const same = byEtag.get(etag)
    if (same !== undefined && same.value !== value) {
      return { text: `${etag} stands for ${same.value} and ${value}`, operations: [same.by, by] }
    }
    byValue.set(value, { etag, by })
    byEtag.set(etag, { value, by })
  }
  return undefined
}
