/** Work on one subject goes one at a time, in order of call; different subjects do not wait. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  async take<T>(subject: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(subject)
    const turn = before === undefined ? work() : before.then(work, work)
    this.#last.set(subject, turn)
    try {
      return await turn
    } finally {
      if (this.#last.get(subject) === turn) this.#last.delete(subject)
    }
  }
}
