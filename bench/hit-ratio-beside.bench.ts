import { FULL } from './effort.js'
import { compareAll, summaryRows } from './eviction.bench.js'
import { type Kind, traceSources } from './policy/traces.js'
import type { Row } from './row.js'

/** Of all traces, those that everyone has or that take little time; the others take a quarter of an hour. */
const KINDS: readonly Kind[] = ['reference', 'bytes', 'generated']
/** Small and of one size: enough to see that it runs. */
const TRIAL_TRACE = 'loop'

/**
 * The store's hit ratios beside the policies of the field. They do not vary with the machine, only
 * with what is sampled; `npm run bench:eviction` plays all traces with several seeds.
 */
export async function hitRatioBesideRows({ share } = FULL): Promise<Row[]> {
  const full = traceSources.filter(({ kind }) => KINDS.includes(kind)).map(({ name }) => name)
  return summaryRows(await compareAll(share < 1 ? [TRIAL_TRACE] : full, 1))
}
