import type { Node } from '../../node/node.js'
import { holdersOf, ownerOf, type Routes } from '../routes.js'
import type { Coordinator } from './coordinator.js'
import type { HeldKey, Tenant } from './held.js'
import { Meter } from './meter.js'
import type { Fate } from './settler.js'
import { type Picked, type Tenants, walk } from './walk.js'

/** Keys, and bytes of items, that are under way at once. */
const BATCH_KEYS = 64
const BATCH_BYTES = 256 * 1024
/** After the first pass nothing new goes astray: a second one finds nothing, as a rule. */
const MAX_PASSES = 16
const NEVER = -1

/** What the mover is to do, and whom it tells. */
export interface Job {
  /** The part of this thread's time that it may take, 0.01 to 1. */
  readonly pace: number
  /** Read anew all the time: the ring may change under the job. */
  routes(): Routes
  nodes(): readonly Node[]
  isStopped(): boolean
  /** Of keys with copies whose owner stays: which may lack one. */
  mayLack(tenant: Tenant, hash: number): boolean
  report(key: HeldKey, fate: Fate): void
}

/**
 * Settles every key that is not where the routes want it, in small batches with pauses between them.
 * Resolves when a whole pass has found nothing, or the job was stopped.
 */
export class Mover {
  private readonly coordinator: Coordinator
  private readonly tenants: Tenants
  private readonly stopwatch: () => number

  constructor(coordinator: Coordinator, tenants: Tenants, stopwatch: () => number) {
    this.coordinator = coordinator
    this.tenants = tenants
    this.stopwatch = stopwatch
  }

  async run(job: Job): Promise<void> {
    let seen = NEVER
    for (let passes = 0; passes < MAX_PASSES; passes++) {
      await this.coordinator.caughtUp() // the walk sees what was sent before
      // What one whole look has brought to its place and is not there any more was evicted since. To
      // bring it again would push out the next one, and so on without end where memory is full.
      const { fence } = job.routes()
      const isWanted = fence === seen ? isSurplus : isAstray
      seen = fence
      let found = 0
      for (const node of job.nodes()) {
        found += await this.clear(node, job, isWanted)
        if (job.isStopped()) {
          return
        }
      }
      if (found === 0) {
        return
      }
    }
    throw new Error(`keys were still astray after ${MAX_PASSES} passes`)
  }

  /** One pass over a node; returns how many keys were not where they belong. */
  private async clear(node: Node, job: Job, isWanted: typeof isAstray): Promise<number> {
    let found = 0
    const meter = new Meter(job.pace, this.stopwatch)
    const slices = walk(node, this.tenants, meter, (tenant, hash) =>
      isWanted(tenant, hash, node, job),
    )
    for await (const slice of slices) {
      for (let from = 0; from < slice.length && !job.isStopped(); ) {
        const to = batchEnd(slice, from)
        found += await this.settle(slice.slice(from, to), meter, job)
        from = to
        const rest = meter.rest()
        if (rest !== undefined) {
          await rest
        }
      }
      if (job.isStopped()) {
        return found
      }
    }
    return found
  }

  private async settle(batch: readonly Picked[], meter: Meter, job: Job): Promise<number> {
    const keys = batch.map(({ key }) => key)
    const fates = await this.coordinator.settle(keys, meter)
    for (const [i, key] of keys.entries()) {
      job.report(key, fates[i])
    }
    return fates.filter(({ settled }) => settled !== 'idle').length
  }
}

/** Whether the node may have something of the key that belongs elsewhere, or elsewhere as well. */
function isAstray(tenant: Tenant, hash: number, node: Node, job: Job): boolean {
  if (isSurplus(tenant, hash, node, job)) {
    return true
  }
  if (tenant.outreach === 0) {
    return false
  }
  const routes = job.routes()
  const owner = ownerOf(routes, hash)
  const former = routes.before === undefined ? owner : ownerOf(routes.before, hash)
  return former === owner
    ? node === owner && job.mayLack(tenant, hash)
    : node === former || node === owner
}

/** Whether the node should have nothing of the key. */
function isSurplus(tenant: Tenant, hash: number, node: Node, job: Job): boolean {
  const routes = job.routes()
  return tenant.outreach === 0
    ? ownerOf(routes, hash) !== node
    : !holdersOf(routes, hash, tenant.record.replicas).includes(node)
}

function batchEnd(slice: readonly Picked[], from: number): number {
  let bytes = 0
  let at = from
  while (at < slice.length && at - from < BATCH_KEYS && bytes < BATCH_BYTES) {
    bytes += slice[at++].sizeBytes
  }
  return at
}
