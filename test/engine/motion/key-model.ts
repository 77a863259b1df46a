import type { Model } from '../../linear/history.js'

export type Asked =
  | { readonly do: 'get' | 'flush' }
  | { readonly do: 'put'; readonly value: string; readonly deadline: number; readonly when?: When }
  | { readonly do: 'delete'; readonly when?: When }
  | { readonly do: 'touch'; readonly deadline: number }
  /** The clock is moved. */
  | { readonly do: 'time'; readonly now: number }
  /** From here on the key may be lost: its host goes bad, or its bucket is of the economy tier. */
  | { readonly do: 'risk' }

/** A condition: a number is the version that there must be. */
export type When = 'absent' | 'present' | number

/** `stored`: created or replaced, which of them is not told. */
export interface Told {
  readonly outcome:
    | 'hit'
    | 'miss'
    | 'created'
    | 'replaced'
    | 'stored'
    | 'done'
    | 'missing'
    | 'mismatch'
  readonly value?: string
  readonly version?: number
  readonly deadline?: number
}

interface Item {
  readonly value: string
  readonly version: number | undefined
  readonly deadline: number
}

/** What the key holds; an item past its deadline is none. */
export interface Key {
  readonly now: number
  readonly mayLack: boolean
  readonly item: Item | undefined
}

/**
 * One key, to the millisecond and to the version. Where the key is at risk a read may miss it (and a
 * later one find it: an economy bucket's change that is cancelled), and a write may find it gone.
 */
export class KeyModel implements Model<Key, Asked, Told> {
  readonly initial: Key
  /** Of each value, the version that some answer gave it. */
  private readonly versions = new Map<string, number>()

  constructor(
    now: number,
    history: readonly { readonly input: Asked; readonly output: Told | undefined }[],
  ) {
    this.initial = { now, mayLack: false, item: undefined }
    for (const { input, output } of history) {
      const value = output?.value ?? (input.do === 'put' ? input.value : undefined)
      if (value !== undefined && output?.version !== undefined && output.outcome !== 'mismatch') {
        this.versions.set(value, output.version)
      }
    }
  }

  keyOf({ now, mayLack, item }: Key): string {
    return `${now} ${mayLack} ${item === undefined ? '' : `${item.value} ${item.deadline}`}`
  }

  isRead(asked: Asked): boolean {
    return asked.do === 'get'
  }

  twinOf(): undefined {
    return undefined
  }

  step(state: Key, asked: Asked, told: Told | undefined): Key | undefined {
    switch (asked.do) {
      case 'time':
        return { ...state, now: asked.now }
      case 'risk':
        return { ...state, mayLack: true }
      case 'flush':
        return { ...state, item: undefined }
      case 'get':
        return told === undefined ? state : this.get(state, told)
      default:
        return this.write(state, asked, told)
    }
  }

  private get(state: Key, told: Told): Key | undefined {
    const item = living(state)
    if (told.outcome === 'miss') {
      return item === undefined || state.mayLack ? state : undefined
    }
    const fits =
      item !== undefined &&
      item.value === told.value &&
      item.deadline === told.deadline &&
      item.version === told.version
    return fits ? state : undefined
  }

  private write(
    state: Key,
    asked: Asked & { do: 'put' | 'delete' | 'touch' },
    told: Told | undefined,
  ): Key | undefined {
    const item = living(state)
    const there = this.effect(state, item, asked)
    const lost =
      state.mayLack && item !== undefined
        ? this.effect({ ...state, item: undefined }, undefined, asked)
        : there
    if (told === undefined) {
      // What was put in spite of its condition had found the key gone.
      const isSeen = asked.do === 'put' && this.versions.has(asked.value)
      return there.outcome === 'mismatch' && isSeen ? lost.after : there.after
    }
    return [there, lost].find(({ outcome }) => sameOutcome(outcome, told))?.after
  }

  private effect(
    state: Key,
    item: Item | undefined,
    asked: Asked & { do: 'put' | 'delete' | 'touch' },
  ): { readonly outcome: Told['outcome']; readonly after: Key } {
    const when = asked.do === 'touch' ? undefined : asked.when
    if (asked.do !== 'put' && item === undefined) {
      return { outcome: 'missing', after: state }
    }
    if (when !== undefined && !holds(when, item)) {
      return { outcome: 'mismatch', after: state }
    }
    switch (asked.do) {
      case 'put': {
        const { value, deadline } = asked
        const stored = { value, deadline, version: this.versions.get(value) }
        const outcome = item === undefined ? 'created' : 'replaced'
        return { outcome, after: { ...state, item: stored } }
      }
      case 'delete':
        return { outcome: 'done', after: { ...state, item: undefined } }
      default:
        return {
          outcome: 'done',
          after:
            item === undefined ? state : { ...state, item: { ...item, deadline: asked.deadline } },
        }
    }
  }
}

export function living({ now, item }: Key): Item | undefined {
  return item === undefined || item.deadline <= now ? undefined : item
}

function holds(when: When, item: Item | undefined): boolean {
  if (when === 'absent') {
    return item === undefined
  }
  return item !== undefined && (when === 'present' || when === item.version)
}

function sameOutcome(outcome: Told['outcome'], told: Told): boolean {
  const isStored = outcome === 'created' || outcome === 'replaced'
  return told.outcome === outcome || (told.outcome === 'stored' && isStored)
}
