import type { Node } from '../../node/node.js'
import { BUSY } from '../../store/reader.js'
import type { Met, Pick } from '../../store/scan.js'
import { HeldKey, type Tenant } from './held.js'
import type { Meter } from './meter.js'
import { whenQuiet } from './quiet.js'

/** Lines of the table looked at in one go: some 0.1 ms where they are full. */
const LINES_A_SLICE = 128

/** An item that a walk picked, and the memory that it takes. */
export interface Picked {
  readonly key: HeldKey
  readonly sizeBytes: number
}

/** The buckets that are there, by their space. */
export type Tenants = () => ReadonlyMap<number, Tenant>

/**
 * Walks through all items of a node and yields those that `pick` wants, a slice's at a time. An item
 * that lives throughout is met: it never moves to another line.
 */
export async function* walk(
  node: Node,
  tenants: Tenants,
  meter: Meter,
  pick: (tenant: Tenant, hash: number) => boolean,
): AsyncGenerator<Picked[], void, void> {
  const { scanner } = node
  for (let line = 0; line < scanner.lineCount; ) {
    const end = Math.min(line + LINES_A_SLICE, scanner.lineCount)
    const known = tenants()
    const met: Met[] = []
    const wanted: Pick = (space, hash) => {
      const tenant = known.get(space)
      return tenant !== undefined && pick(tenant, hash)
    }
    const look = () => {
      for (; line < end; line++) {
        scanner.meet(line, wanted, met)
      }
    }
    try {
      meter.measure(look)
    } catch (error) {
      if (error !== BUSY) {
        throw error
      }
      await whenQuiet(look)
    }
    const picked = met.flatMap((one) => pickedOf(one, known))
    if (picked.length > 0) {
      yield picked
    }
    const rest = meter.rest()
    if (rest !== undefined) {
      await rest
    }
  }
}

function pickedOf(met: Met, known: ReadonlyMap<number, Tenant>): Picked[] {
  const tenant = known.get(met.space)
  if (tenant === undefined) {
    return []
  }
  const key = new HeldKey(tenant, met.space, met.hash, met.words, met.length)
  return [{ key, sizeBytes: met.sizeBytes }]
}
