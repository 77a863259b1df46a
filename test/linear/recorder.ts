import type { Answer } from './clients.js'
import type { Asked, KeyOperation, Told } from './register.js'

/** What one call asks of one key. */
export interface Part {
  /** Bucket and key. */
  readonly key: string
  readonly input: Asked
}

export interface Tally {
  operations: number
  /** Answers that never came: each write of them may have been stored. */
  lost: number
  /** Answers 503, by code. */
  refused: Record<string, number>
}

/** What is kept of the text of a refusal. */
const MOST_TEXT = 300

/**
 * The one clock of a history: all clients and the disturber are in this process, so the order in
 * which it is asked for numbers is the order in which things happened here.
 */
export class Recorder {
  readonly histories = new Map<string, KeyOperation[]>()
  readonly marks: { readonly at: number; readonly text: string }[] = []
  readonly tally: Tally = { operations: 0, lost: 0, refused: {} }
  private events = 0

  /** Notes what else happened now, for whoever reads a failure. */
  mark(text: string): void {
    this.marks.push({ at: ++this.events, text })
  }

  called(): number {
    return ++this.events
  }

  /** Takes down a call's answer; `read` tells what it says about each part. */
  returned(
    client: number,
    called: number,
    parts: readonly Part[],
    answer: Answer | 'lost',
    read: (answer: Answer, part: number) => Told,
  ): void {
    const at = ++this.events
    const known = this.weigh(answer)
    parts.forEach(({ key, input }, i) => {
      const isRead = input.kind === 'get' || input.kind === 'head'
      if (known === undefined && isRead) return
      const output = known === undefined ? undefined : read(known, i)
      const returned = output === undefined ? Number.POSITIVE_INFINITY : at
      const history = this.histories.get(key) ?? []
      this.histories.set(key, history)
      history.push({ client, called, returned, input, output })
      this.tally.operations++
    })
  }

  /** Undefined where a write may have been stored or not: a 503 says so. */
  private weigh(answer: Answer | 'lost'): Answer | undefined {
    if (answer === 'lost') {
      this.tally.lost++
      return undefined
    }
    if (answer.status !== 503) return answer
    this.mark(`answered 503: ${answer.text.slice(0, MOST_TEXT)}`)
    const { code, maybeStored } = JSON.parse(answer.text) as Record<string, unknown>
    this.tally.refused[String(code)] = (this.tally.refused[String(code)] ?? 0) + 1
    return maybeStored === false ? answer : undefined
  }
}
