/** What traces/README.md says of S3-FIFO with items of size 1: hit ratio in %. */
export interface EqualItems {
  readonly file: string
  readonly items: number
  readonly percent: number
}

export const equalItems: readonly EqualItems[] = [
  { file: 'OLTP.gz', items: 250, percent: 21.7 },
  { file: 'OLTP.gz', items: 500, percent: 32.64 },
  { file: 'OLTP.gz', items: 1000, percent: 40.84 },
  { file: 'OLTP.gz', items: 2000, percent: 47.01 },
  { file: 'gli.trace.gz', items: 500, percent: 16.13 },
  { file: 'gli.trace.gz', items: 1000, percent: 35.05 },
  { file: 'loop.trace.gz', items: 500, percent: 0 },
  { file: 'multi3.trace.gz', items: 1000, percent: 45.37 },
  { file: 'sprite.trace.gz', items: 500, percent: 78.89 },
  { file: 'sprite.trace.gz', items: 1000, percent: 89.35 },
  { file: 'corda_vaultservice.gz', items: 512, percent: 33.33 },
]

/** libCacheSim's S3-FIFO on cloudPhysicsIO by bytes: misses at 128, 256, … 1,024 MiB. */
export const byBytes = {
  file: 'cloudPhysicsIO.oracleGeneral.bin.gz',
  stepBytes: 128 * 2 ** 20,
  misses: [89307, 82387, 77041, 76791, 71300, 70343, 70455, 70355],
} as const
