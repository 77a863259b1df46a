import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { generate, generators } from './generated.js'
import { loadTrace, type Trace, traceFolders } from './trace-file.js'

/** Where a trace comes from, in the order in which they are shown. */
export type Kind = 'reference' | 'bytes' | 'further' | 'generated'

export interface TraceSource {
  readonly name: string
  readonly kind: Kind
  /** Cache sizes: items, as many as fill whole pages (see play-store.ts), or MiB of kind `bytes`. */
  readonly sizes: readonly number[]
  /** The file's name, where it is one. */
  readonly file?: string
}

/** The traces whose figures are published, with the sizes that are, and some around them. */
const reference: readonly TraceSource[] = [
  of('OLTP', 'OLTP.gz', [250, 500, 1_000, 2_000, 4_000, 8_000]),
  of('gli', 'gli.trace.gz', [250, 500, 750, 1_000, 1_500, 2_000]),
  of('loop', 'loop.trace.gz', [250, 500, 750, 1_000]),
  of('multi3', 'multi3.trace.gz', [500, 1_000, 1_500, 2_000, 3_000]),
  of('sprite', 'sprite.trace.gz', [250, 500, 750, 1_000, 1_500, 2_000]),
  of('corda', 'corda_vaultservice.gz', [256, 512, 1_000, 2_000, 4_000]),
  of(
    'cloudPhysicsIO',
    'cloudPhysicsIO.oracleGeneral.bin.gz',
    [1_000, 2_000, 4_000, 8_000, 16_000, 24_000],
  ),
]

/** Where items have the sizes that the trace tells. */
const weighed: readonly TraceSource[] = [
  {
    name: 'cloudPhysicsIO-bytes',
    kind: 'bytes',
    file: 'cloudPhysicsIO.oracleGeneral.bin.gz',
    sizes: [128, 256, 384, 512, 640, 768, 896, 1_024],
  },
]

/** Others of the same kinds. docs/eviction.md says where each comes from. */
const further: readonly TraceSource[] = [
  of('2_pools', '2_pools.trace.gz', [250, 500, 1_000, 2_000, 4_000]),
  of('backf', 'backf.trace.gz', [200, 300, 400, 500, 600]),
  of('cpp', 'cpp.trace.gz', [200, 400, 600, 800, 1_000]),
  of('cs', 'cs.trace.gz', [250, 500, 750, 1_000, 1_250]),
  of('multi1', 'multi1.trace.gz', [250, 500, 1_000, 1_500, 2_000]),
  of('multi2', 'multi2.trace.gz', [500, 1_000, 2_000, 3_000, 4_000]),
  of('ps', 'ps.trace.gz', [500, 1_000, 1_500, 2_000, 2_500]),
  of('scan', 'scan.trace.gz', [250, 500, 1_000, 1_500]),
  of('zigzag', 'zigzag.trace.gz', [250, 500, 1_000, 1_500]),
  of('web07', 'web07.trace.gz', [500, 1_000, 2_000, 4_000, 8_000]),
  of('web12', 'web12.trace.gz', [250, 500, 1_000, 2_000, 4_000]),
  of('orm-busy', 'orm-busy.trace.gz', [2_000, 8_000, 32_000]),
  of('orm-night', 'orm-night.trace.gz', [2_000, 8_000, 32_000]),
  of('scarab-recs', 'scarab-recs.corda.gz', [5_000, 20_000, 80_000]),
  of('w106', 'w106.trace.gz', [5_000, 20_000, 80_000]),
  of('P3', 'P3.gz', [10_000, 40_000, 160_000]),
]

const generated: readonly TraceSource[] = Object.keys(generators).map((name) => ({
  name,
  kind: 'generated',
  sizes: [500, 1_000, 2_000, 4_000],
}))

export const traceSources: readonly TraceSource[] = [
  ...reference.map((source) => ({ ...source, kind: 'reference' as const })),
  ...weighed,
  ...further,
  ...generated,
]

function of(name: string, file: string, sizes: readonly number[]): TraceSource {
  return { name, kind: 'further', file, sizes }
}

/** The trace, its items of one size but for kind `bytes`; undefined where its file is not here. */
export async function openTrace(source: TraceSource): Promise<Trace | undefined> {
  const { name, kind, file } = source
  if (file === undefined) return generate(name)
  const path = traceFolders()
    .map((folder) => join(folder, file))
    .find((candidate) => existsSync(candidate))
  if (path === undefined) return undefined
  const trace = await loadTrace(path)
  return kind === 'bytes' ? trace : { ...trace, sizes: undefined }
}
