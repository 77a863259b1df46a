import type { BenchModule } from '../list.js'

/** One work of the table: what is done, by all of its rows. */
export interface Work extends BenchModule {
  readonly number: number
  readonly title: string
}

export const works: readonly Work[] = [
  {
    number: 1,
    name: 'http-get',
    title: 'HTTP GET, a hit of 100 B, one acceptor',
    file: './http.bench.js',
    run: 'httpGetRows',
  },
  {
    number: 2,
    name: 'http-put',
    title: 'HTTP PUT of 100 B',
    file: './http.bench.js',
    run: 'httpPutRows',
  },
  {
    number: 3,
    name: 'acceptors',
    title: 'HTTP GET with several acceptors',
    file: './acceptors.bench.js',
    run: 'acceptorRows',
  },
  {
    number: 4,
    name: 'batch',
    title: 'HTTP batch of 100 keys',
    file: './batch.bench.js',
    run: 'batchRows',
  },
  {
    number: 5,
    name: 'get',
    title: 'Reads in one thread, 1M items',
    file: './get.bench.js',
    run: 'getRows',
  },
  {
    number: 6,
    name: 'far-get',
    title: 'Reads from another thread',
    file: './far-get.bench.js',
    run: 'farGetRows',
  },
  {
    number: 7,
    name: 'many',
    title: 'getMany and putMany of 100, 16 calls in flight',
    file: './many.bench.js',
    run: 'manyRows',
  },
  {
    number: 8,
    name: 'put-one',
    title: 'One awaited put after the other',
    file: './put-one.bench.js',
    run: 'putOneRows',
  },
  {
    number: 9,
    name: 'hit-ratio',
    title: 'Hit ratio on traces, measured in the store',
    file: './hit-ratio-beside.bench.js',
    run: 'hitRatioBesideRows',
  },
  {
    number: 10,
    name: 'memory',
    title: 'Memory of 1M items of 16 + 100 B with a TTL',
    file: './memory.bench.js',
    run: 'memoryRows',
  },
  {
    number: 11,
    name: 'expiry',
    title: '1M TTLs that end within 60 s',
    file: './expiry-peers.bench.js',
    run: 'expiryBesideRows',
  },
  {
    number: 12,
    name: 'routing',
    title: 'Hash and owner of a key of 20 bytes',
    file: './routing-rows.js',
    run: 'routingRows',
  },
  {
    number: 13,
    name: 'balance',
    title: 'Balance and movement, 8 nodes and one more',
    file: './balance.bench.js',
    run: 'balanceRows',
  },
  {
    number: 14,
    name: 'stall',
    title: 'Waiting for the event loop, 2M live items under churn',
    file: './stall.bench.js',
    run: 'stallRows',
  },
  {
    number: 15,
    name: 'join',
    title: 'A node joins under full load',
    file: './join.bench.js',
    run: 'joinRows',
  },
]
