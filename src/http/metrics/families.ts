import type { NodeReport } from '../../engine/statistics.js'
import type { Counts } from '../../histogram.js'
import { STATUSES } from './meter.js'
import { slabRows } from './slab-rows.js'
import type { Snapshot } from './snapshot.js'

type Labels = Readonly<Record<string, string | number>>

/** One metric: its name without `annulus_`, and what it is at a moment. */
export interface Family<V> {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  readonly read: (snapshot: Snapshot) => Iterable<readonly [labels: Labels, value: V]>
}

/** Counts of a unit of which so many make one of the unit that is told. */
export interface HistogramFamily extends Family<Counts> {
  readonly unitsPerBase: number
}

const NODE_STATES = ['joining', 'serving', 'recovering', 'draining', 'down'] as const
const US = 1_000_000
const MS = 1_000

function one<V>(name: string, help: string, read: (snapshot: Snapshot) => V): Family<V> {
  return { name, help, labels: [], read: (snapshot) => [[{}, read(snapshot)]] }
}

function perNode<V>(name: string, help: string, read: (node: NodeReport) => V): Family<V> {
  return {
    name,
    help,
    labels: ['node'],
    read: ({ nodes }) => nodes.map((node) => [{ node: node.id }, read(node)]),
  }
}

/** They only grow, as long as the server runs; of a node, as long as it is up. */
export const counters: readonly Family<number>[] = [
  {
    name: 'http_requests_total',
    help: 'Answers, by the call and its status; aborted: the client was gone before.',
    labels: ['method', 'route', 'status'],
    read: ({ routes }) =>
      routes.flatMap(({ method, path, answers }) =>
        answers.map(({ status, count }) => {
          const told = status === STATUSES[0] ? 'aborted' : status
          return [{ method, route: path, status: told }, count] as const
        }),
      ),
  },
  one('acceptor_deaths_total', 'Acceptors that died.', (at) => at.acceptorDeaths),
  perNode('hits_total', 'Reads that found their key.', ({ hits }) => hits),
  perNode('misses_total', 'Reads that did not.', ({ misses }) => misses),
  perNode('puts_total', 'Values stored.', ({ puts }) => puts),
  perNode('deletes_total', 'Keys deleted.', ({ deletes }) => deletes),
  {
    name: 'evictions_total',
    help: 'Items that went to make room: memory was full, or the bucket over its limit.',
    labels: ['node', 'cause'],
    read: ({ nodes }) =>
      nodes.flatMap(({ id, memoryEvictions, quotaEvictions }) => [
        [{ node: id, cause: 'memory' }, memoryEvictions] as const,
        [{ node: id, cause: 'quota' }, quotaEvictions] as const,
      ]),
  },
  perNode('expirations_total', 'Items whose time was up.', ({ expirations }) => expirations),
  perNode(
    'moved_away_total',
    'Items of economy buckets let go by a change of the ring.',
    (node) => {
      return node.droppedByMove
    },
  ),
  perNode('worker_deaths_total', 'Workers of the node that died.', ({ deaths }) => deaths),
  one('lost_nodes_total', 'Nodes that went bad.', (at) => at.migrations.lostNodes),
  {
    name: 'migrations_total',
    help: 'Migrations that have ended.',
    labels: ['kind', 'state'],
    read: ({ migrations }) =>
      migrations.ended.map(({ kind, state, count }) => [{ kind, state }, count]),
  },
  one('migrated_keys_total', 'Keys that migrations have moved.', (at) => at.migrations.movedKeys),
  one(
    'migrated_bytes_total',
    'Bytes that migrations have moved.',
    (at) => at.migrations.movedBytes,
  ),
]

export const gauges: readonly Family<number>[] = [
  one('acceptors', 'Threads that serve the port.', (at) => at.acceptors),
  one('http_connections', 'Open connections.', (at) => at.connections),
  one('http_body_bytes', 'Bytes of request bodies held now.', (at) => at.heldBytes),
  one('event_listeners', 'Clients that listen to /v1/events.', (at) => at.listeners),
  one('buckets', 'Buckets.', (at) => at.buckets),
  one('ring_epoch', 'The number of the ring; each change raises it.', (at) => at.ring.epoch),
  one('ring_tokens', 'Tokens on the circle.', (at) => at.ring.tokens),
  {
    name: 'ring_share',
    help: 'Part of the circle that the node owns, 0 to 1.',
    labels: ['node'],
    read: ({ ring }) => ring.nodes.map(({ id, share }) => [{ node: id }, share]),
  },
  {
    name: 'node_state',
    help: '1 for the state that the node is in.',
    labels: ['node', 'state'],
    read: ({ nodes }) =>
      nodes.flatMap(({ id, state: now }) =>
        NODE_STATES.map((state) => [{ node: id, state }, state === now ? 1 : 0] as const),
      ),
  },
  perNode('items', 'Items, copies included.', ({ items }) => items),
  perNode('bytes', 'Bytes of chunks that items take.', ({ bytes }) => bytes),
  perNode('memory_bytes', 'Bytes that items could take.', ({ memoryBytes }) => memoryBytes),
  perNode('queued_writes', 'Writes that wait for the node.', ({ queued }) => queued),
  {
    name: 'migrations',
    help: 'Migrations that wait or are under way.',
    labels: ['state'],
    read: ({ migrations: { queued, running } }) => [
      [{ state: 'queued' }, queued],
      [{ state: 'running' }, running],
    ],
  },
  {
    name: 'slab_pages',
    help: 'Pages of 64 KiB, by the size of the chunks that they are cut into.',
    labels: ['node', 'chunk_bytes'],
    read: ({ nodes }) => slabRows(nodes).map(({ labels, pages }) => [labels, pages]),
  },
  {
    name: 'slab_items',
    help: 'Chunks in use: an item takes one, a value over 16 KiB several.',
    labels: ['node', 'chunk_bytes'],
    read: ({ nodes }) => slabRows(nodes).map(({ labels, usedChunks }) => [labels, usedChunks]),
  },
  {
    name: 'slab_bytes',
    help: 'Bytes of chunks in use.',
    labels: ['node', 'chunk_bytes'],
    read: ({ nodes }) =>
      slabRows(nodes).map(({ labels, usedChunks }) => [labels, usedChunks * labels.chunk_bytes]),
  },
]

export const histograms: readonly HistogramFamily[] = [
  {
    name: 'http_request_duration_seconds',
    help: 'From the request, read, to its answer, handed to the socket.',
    labels: ['method', 'route'],
    unitsPerBase: US,
    read: ({ routes }) =>
      routes
        .filter(({ answers }) => answers.length > 0)
        .map(({ method, path, duration }) => [{ method, route: path }, duration]),
  },
  {
    ...perNode(
      'write_duration_seconds',
      'From a write on its way to the node to its result: of one publication in sixteen.',
      ({ latency }) => latency,
    ),
    unitsPerBase: US,
  },
  {
    ...perNode(
      'expiration_lag_seconds',
      "From an item's deadline to its memory given back; it is not served in between.",
      ({ lag }) => lag,
    ),
    unitsPerBase: MS,
  },
  {
    name: 'event_loop_delay_seconds',
    help: 'How late the event loop of an acceptor came to a timer, every 15 ms.',
    labels: ['acceptor'],
    unitsPerBase: US,
    read: ({ loopDelays }) => loopDelays.map((delay, acceptor) => [{ acceptor }, delay]),
  },
]
