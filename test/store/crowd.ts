import { remix } from '../../src/hash.js'
import type { Store } from '../../src/store/store.js'
import { type Pen, SEED } from './pen.js'

/** Keys of all lengths that belong to so many lines of the table, from line `first` on. */
export function crowd(store: Store, pen: Pen, first: number, lines: number, count: number) {
  const { table } = store
  const keys: string[] = []
  for (let number = 0; keys.length < count; number++) {
    const key = number % 41 === 0 ? `key-${'long'.repeat(number % 200)}${number}` : `k${number}`
    pen.scratch.encode(key)
    const line = table.lineOf(remix(pen.scratch.hash(SEED)))
    if (line >= table.lineAt(first) && line < table.lineAt(first + lines)) {
      keys.push(key)
    }
  }
  return keys
}
