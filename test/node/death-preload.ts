/** Loaded by `--import` into every thread of a child: some orders are then deadly, once or always. */
import { C_NODE } from '../../src/store/layout.js'
import { Store } from '../../src/store/store.js'

/** A word of the node that nothing else uses: how many workers died of such an order. */
export const DIED = C_NODE + 60
/** Lengths of values that are deadly. */
export const THROW_BYTES = 6_661
export const EXIT_BYTES = 6_662

const put = Store.prototype.put
Store.prototype.put = function (order, now) {
  const outcome = put.call(this, order, now)
  const { words } = this.memory
  const isDeadly = order.valueBytes === THROW_BYTES || order.valueBytes === EXIT_BYTES
  if (isDeadly && words[DIED] === 0) {
    words[DIED] = 1
    if (order.valueBytes === EXIT_BYTES) {
      process.exit(7)
    }
    throw new Error('this order is deadly')
  }
  return outcome
}
