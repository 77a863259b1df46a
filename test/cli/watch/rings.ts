import type { Receipt, Ring, RingNode } from '../../../src/client/index.js'

const NOTHING = { keys: 0, bytes: 0, digest: '00000000' }

export function node(id: string, more: Partial<RingNode> = {}): RingNode {
  return {
    id,
    state: 'serving',
    weight: 1,
    share: 0.5,
    items: 1_000,
    bytes: 2 ** 20,
    memoryBytes: 4 * 2 ** 20,
    incarnation: 1,
    ...more,
  }
}

export function receipt(id: string, more: Partial<Receipt> = {}): Receipt {
  return {
    id,
    kind: 'join',
    node: 'n3',
    state: 'running',
    planned: { ...NOTHING, keys: 1_000, bytes: 2 ** 20 },
    moved: NOTHING,
    returned: NOTHING,
    dropped: NOTHING,
    copies: 0,
    arcs: 12,
    share: 0.25,
    epochs: [2],
    cancelling: false,
    queuedAt: '2026-01-01T00:00:00.000Z',
    startedAt: '2026-01-01T00:00:01.000Z',
    endedAt: null,
    durationMs: 100,
    problem: null,
    ...more,
  }
}

export function amount(keys: number): Receipt['moved'] {
  return { ...NOTHING, keys, bytes: keys * 1_024 }
}

export function ring(more: Partial<Ring> = {}): Ring {
  return {
    epoch: 1,
    nodes: [node('n1'), node('n2')],
    tokens: 2_048,
    migrations: [],
    members: ['n1', 'n2'],
    circle: [],
    moves: [],
    ...more,
  }
}
