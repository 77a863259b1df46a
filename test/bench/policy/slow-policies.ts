import type { Policy } from '../../../bench/policy/policy.js'

/** Policies as plain as they can be told, over arrays: what is newest stands first. */
interface Entry {
  readonly key: number
  readonly size: number
  marks: number
}

function weight(entries: readonly Entry[]): number {
  return entries.reduce((sum, { size }) => sum + size, 0)
}

function take(entries: Entry[], key: number): Entry | undefined {
  const index = entries.findIndex((entry) => entry.key === key)
  return index < 0 ? undefined : entries.splice(index, 1)[0]
}

export class SlowLru implements Policy {
  private readonly held = new Map<number, number>()
  private readonly capacity: number

  constructor(capacity: number) {
    this.capacity = capacity
  }

  access(key: number, size: number): boolean {
    const { held } = this
    const known = held.get(key)
    held.delete(key)
    if (known !== undefined) {
      held.set(key, known)
      return true
    }
    if (size > this.capacity) return false
    while ([...held.values()].reduce((a, b) => a + b, size) > this.capacity) {
      held.delete([...held.keys()][0])
    }
    held.set(key, size)
    return false
  }
}

export class SlowClock implements Policy {
  private readonly held: Entry[] = []
  private readonly capacity: number

  constructor(capacity: number) {
    this.capacity = capacity
  }

  access(key: number, size: number): boolean {
    const { held } = this
    const found = held.find((entry) => entry.key === key)
    if (found !== undefined) {
      found.marks = 1
      return true
    }
    if (size > this.capacity) return false
    while (weight(held) + size > this.capacity) {
      const tail = held.pop()
      if (tail?.marks === 1) held.unshift({ ...tail, marks: 0 })
    }
    held.unshift({ key, size, marks: 0 })
    return false
  }
}

export class SlowSieve implements Policy {
  private held: Entry[] = []
  private hand: Entry | undefined
  private readonly capacity: number

  constructor(capacity: number) {
    this.capacity = capacity
  }

  access(key: number, size: number): boolean {
    const found = this.held.find((entry) => entry.key === key)
    if (found !== undefined) {
      found.marks = 1
      return true
    }
    if (size > this.capacity) return false
    while (weight(this.held) + size > this.capacity) this.evict()
    this.held.unshift({ key, size, marks: 0 })
    return false
  }

  private evict(): void {
    const { held } = this
    let at = this.hand === undefined ? held.length - 1 : held.indexOf(this.hand)
    while (held[at].marks === 1) {
      held[at].marks = 0
      at = at === 0 ? held.length - 1 : at - 1
    }
    this.hand = held[at - 1]
    held.splice(at, 1)
  }
}

export class SlowS3Fifo implements Policy {
  private readonly small: Entry[] = []
  private readonly main: Entry[] = []
  private readonly ghost: Entry[] = []
  private readonly capacity: number

  constructor(capacity: number) {
    this.capacity = capacity
  }

  access(key: number, size: number): boolean {
    const { small, main, ghost } = this
    const tenth = Math.floor(this.capacity / 10)
    const found = [...small, ...main].find((entry) => entry.key === key)
    if (found !== undefined) {
      found.marks = Math.min(3, found.marks + 1)
      return true
    }
    const known = take(ghost, key)
    if (size > tenth) return false
    while (weight(small) + weight(main) + size > this.capacity) {
      if (weight(main) > this.capacity - tenth || small.length === 0) this.turnMain()
      else this.turnSmall()
    }
    const queue = known === undefined ? small : main
    queue.unshift({ key, size, marks: 0 })
    return false
  }

  private turnMain(): void {
    const tail = this.main.pop()
    if (tail !== undefined && tail.marks > 0) this.main.unshift({ ...tail, marks: tail.marks - 1 })
  }

  private turnSmall(): void {
    const tail = this.small.pop()
    if (tail === undefined) return
    const queue = tail.marks >= 2 ? this.main : this.ghost
    queue.unshift({ ...tail, marks: 0 })
    while (weight(this.ghost) > Math.floor(this.capacity * 0.9)) this.ghost.pop()
  }
}

/** The four cases of ARC's paper, word by word, for items of size 1. */
export class SlowArc implements Policy {
  private readonly t1: number[] = []
  private readonly t2: number[] = []
  private readonly b1: number[] = []
  private readonly b2: number[] = []
  private p = 0
  private readonly c: number

  constructor(capacity: number) {
    this.c = capacity
  }

  access(key: number): boolean {
    const { t1, t2, b1, b2, c } = this
    const drop = (list: number[]) => {
      if (list.includes(key)) list.splice(list.indexOf(key), 1)
    }
    const hit = t1.includes(key) || t2.includes(key)
    const inB1 = b1.includes(key)
    const inB2 = b2.includes(key)
    if (inB1) this.p = Math.min(c, this.p + Math.max(1, b2.length / b1.length))
    if (inB2) this.p = Math.max(0, this.p - Math.max(1, b1.length / b2.length))
    if (inB1 || inB2) this.replace(inB2)
    if (hit || inB1 || inB2) {
      for (const list of [t1, t2, b1, b2]) drop(list)
      t2.unshift(key)
      return hit
    }
    if (t1.length + b1.length === c) {
      if (t1.length < c) {
        b1.pop()
        this.replace(false)
      } else {
        t1.pop()
      }
    } else if (t1.length + t2.length + b1.length + b2.length >= c) {
      if (t1.length + t2.length + b1.length + b2.length === 2 * c) b2.pop()
      this.replace(false)
    }
    t1.unshift(key)
    return false
  }

  private replace(inB2: boolean): void {
    const { t1, t2, b1, b2, p } = this
    if (t1.length > 0 && (t1.length > p || (inB2 && t1.length === p))) b1.unshift(...t1.splice(-1))
    else b2.unshift(...t2.splice(-1))
  }
}

/** The most hits that any choice of what to hold can give: all of them are tried. */
export function mostHits(keys: readonly number[], capacity: number): number {
  const known = new Map<string, number>()
  function from(at: number, held: readonly number[]): number {
    if (at === keys.length) return 0
    const name = `${at}:${held}`
    const before = known.get(name)
    if (before !== undefined) return before
    const key = keys[at]
    const hit = held.includes(key)
    const all = hit ? held : [...held, key].sort((a, b) => a - b)
    const choices = all.length <= capacity ? [all] : all.map((_, i) => all.toSpliced(i, 1))
    const most = Math.max(...choices.map((choice) => from(at + 1, choice))) + (hit ? 1 : 0)
    known.set(name, most)
    return most
  }
  return from(0, [])
}
