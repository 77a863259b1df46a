import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readTraceBatches } from '../../src/cli/bench/trace.js'

/** A whole trace with its keys numbered in the order in which they first come. */
export interface Trace {
  readonly keys: Int32Array
  /** In bytes; undefined where the trace tells none. */
  readonly sizes: Uint32Array | undefined
  readonly distinct: number
}

/** The size of a request's item; 1 where all are taken as equal. */
export function sizeOf({ sizes }: Trace, request: number): number {
  return sizes === undefined ? 1 : sizes[request]
}

/** Reads a trace of a million requests in a second or so. */
export async function loadTrace(path: string): Promise<Trace> {
  const numbers = new Map<number | string, number>()
  const keys: number[] = []
  const sizes: number[] = []
  for await (const batch of readTraceBatches(path)) {
    for (const { key, sizeBytes } of batch) {
      let number = numbers.get(key)
      if (number === undefined) {
        number = numbers.size
        numbers.set(key, number)
      }
      keys.push(number)
      if (sizeBytes !== undefined) sizes.push(sizeBytes)
    }
  }
  return {
    keys: Int32Array.from(keys),
    sizes: sizes.length === keys.length ? Uint32Array.from(sizes) : undefined,
    distinct: numbers.size,
  }
}

/**
 * Where traces may lie: ANNULUS_TRACES, and `shared/traces` in a folder above. They are too large to
 * be kept with the code; docs/eviction.md says where each comes from.
 */
export function traceFolders(): string[] {
  const told = process.env['ANNULUS_TRACES']
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'shared/traces')) && folder !== dirname(folder)) {
    folder = dirname(folder)
  }
  const shared = join(folder, 'shared/traces')
  return [...(told === undefined ? [] : [told]), ...(existsSync(shared) ? [shared] : [])]
}

/** The one that has the traces whose figures are published. */
export function tracesFolder(): string | undefined {
  return traceFolders().find((folder) => existsSync(join(folder, 'OLTP.gz')))
}
