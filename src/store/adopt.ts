import type { Memory } from './layout.js'
import { rebuild } from './rebuild.js'
import { rollBack } from './rollback.js'
import { Store } from './store.js'

/**
 * Takes over memory whose writer died in the middle of anything: undoes or finishes the step under
 * way, in microseconds. Only where the journal or a look around shows that something is wrong,
 * everything is made anew from the table.
 */
export function adopt(memory: Memory, now: number): Store {
  const store = new Store(memory)
  if (!isRolledBack(store)) {
    rebuild(store, now)
  }
  return store
}

function isRolledBack(store: Store): boolean {
  try {
    return rollBack(store)
  } catch {
    return false // followed a reference that leads nowhere
  }
}
