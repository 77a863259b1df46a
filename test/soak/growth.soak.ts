import { growAndShrink } from '../motion/load.js'

/** From 3 nodes to 8 and back, one at a time, with 32 connections at work all the while. */
export async function soak(): Promise<string> {
  const growth = { from: 3, to: 8, keys: 100_000, stillSeconds: 5 }
  const { phases, receipts, economy, p99Ratio } = await growAndShrink(growth)
  const failures: string[] = []
  for (const [name, { misses, errors }] of Object.entries(phases)) {
    if (misses > 0 || errors.length > 0) {
      failures.push(`${name}: ${misses} misses, errors: ${errors.join('; ')}`)
    }
  }
  for (const { id, state, planned, moved } of receipts) {
    if (state !== 'done' || planned.keys !== moved.keys || planned.digest !== moved.digest) {
      failures.push(`${id}: ${state}, planned ${planned.keys}, moved ${moved.keys}`)
    }
  }
  for (const [change, { wrong }] of economy.entries()) {
    if (wrong > 0) {
      failures.push(`change ${change}: ${wrong} economy keys missing that did not move, or planned`)
    }
  }
  if (failures.length > 0) {
    throw new Error(failures.join('\n'))
  }
  const { still, moving } = phases
  const missing = economy.map((one) => one.missing).join(', ')
  return [
    `${receipts.length} changes, ${still.requests + moving.requests} requests: no miss, no error`,
    `still:  p50 ${still.p50Us} us, p99 ${still.p99Us} us, ${still.requests} requests`,
    `moving: p50 ${moving.p50Us} us, p99 ${moving.p99Us} us, ${moving.requests} requests`,
    `p99 while moving: ${p99Ratio.toFixed(2)} x (aim: 2)`,
    `moved: ${receipts.map(({ moved, durationMs }) => `${moved.keys} in ${durationMs} ms`).join(', ')}`,
    `economy keys missed, exactly those of the moved arcs: ${missing}`,
  ].join('\n')
}
