/** Work on one subject goes one at a time, in order of call; different subjects do not wait. */
export class Turns<S extends string | number = string> {
  readonly #last = new Map<S, Promise<unknown>>()

  isTaken(subject: S): boolean {
    return this.#last.size > 0 && this.#last.has(subject)
  }

  /** Many subjects' turns as one, none of which may be taken. */
  async takeAll<T>(subjects: readonly S[], work: () => Promise<T>): Promise<T> {
    const turn = work()
    for (const subject of subjects) this.#last.set(subject, turn)
    try {
      return await turn
    } finally {
      for (const subject of subjects) {
        if (this.#last.get(subject) === turn) this.#last.delete(subject)
      }
    }
  }

  /** Resolves when all turns that were taken, or asked for, until now are over. */
  async over(): Promise<void> {
    await Promise.allSettled([...this.#last.values()])
  }

  async take<T>(subject: S, work: () => Promise<T>): Promise<T> {
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
