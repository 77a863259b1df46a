import {
  DONE,
  OP_DELETE,
  OP_GRANT,
  OP_KILL_SPACE,
  OP_OPEN_SPACE,
  OP_PUT,
  OP_TICK,
  OP_TOUCH,
  type Order,
} from '../store/order.js'
import type { Store } from '../store/store.js'

/** Versions that one grant holds: an hour of a thousand puts a second, four times over. */
export const VERSION_RANGE = 2 ** 24

/** Carries out one order. Returns its outcome; the store's `version` goes with it. */
export function execute(store: Store, order: Order, now: number): number {
  store.version = 0
  switch (order.op) {
    case OP_PUT:
      return store.put(order, now)
    case OP_DELETE:
      return store.delete(order, now)
    case OP_TOUCH:
      return store.touch(order, now)
    case OP_OPEN_SPACE:
      store.openSpace(order.space, order.hash, order.deadline, now)
      return DONE
    case OP_KILL_SPACE:
      store.spaces.book(order.space, 0, 0, now) // what it held until now is on the bill
      store.killSpace(order.space)
      return DONE
    case OP_GRANT:
      store.grantVersions(order.version, order.version + VERSION_RANGE)
      return DONE
    case OP_TICK:
      while (store.advance(now) === 0 || store.sweep(now)) {}
      return DONE
    default:
      throw new RangeError(`unknown order ${order.op}`)
  }
}
