import {
  addedNode,
  failedNode,
  migrationList,
  newNode,
  plan,
  receipt,
  removedNode,
  ring as wholeRing,
} from '../schemas.js'
import { type Group, json, type Refusal } from './operation.js'

const BODY: readonly Refusal[] = ['invalid_body', ['invalid_body', 413], ['invalid_body', 415]]
const CHANGE: readonly Refusal[] = ['overloaded', 'recovering']

const amount = { keys: 2, bytes: 112, digest: '8d3f21c4' }
const none = { keys: 0, bytes: 0, digest: '00000000' }

const PLAN = {
  kind: 'join',
  node: 'n3',
  arcs: 5_484,
  share: 0.334,
  planned: amount,
  dropped: none,
  fits: true,
  targets: [{ id: 'n3', incomingBytes: 112, freeBytes: 118_849_536 }],
}
const RECEIPT = {
  id: 'm1',
  kind: 'join',
  node: 'n3',
  state: 'done',
  planned: amount,
  moved: amount,
  returned: none,
  dropped: none,
  copies: 0,
  arcs: 5_484,
  share: 0.334,
  epochs: [2, 3],
  cancelling: false,
  queuedAt: '2026-05-01T10:00:00.000Z',
  startedAt: '2026-05-01T10:00:00.000Z',
  endedAt: '2026-05-01T10:00:00.181Z',
  durationMs: 181,
  problem: null,
}

const dry = { description: 'With `dryRun=true`: the plan', content: json(plan, { plan: PLAN }) }
const shown = (description: string) => {
  return { description, content: json(receipt, { receipt: RECEIPT }) }
}

export const ring: Group = {
  tag: 'Ring',
  description:
    'Nodes join and leave while the server serves; only the arcs that change owner move. Several ' +
    'changes asked for at once wait for one another.',
  operations: {
    'GET /v1/ring': {
      id: 'describeRing',
      summary: 'The ring and its nodes',
      description:
        'Enough to draw it: the owners at 2,048 even distances around the circle, and the arcs that move.',
      parameters: ['Tokens'],
      answers: { 200: { description: 'The ring as it is now', content: json(wholeRing) } },
    },
    'POST /v1/nodes': {
      id: 'addNode',
      summary: 'Add a node',
      description:
        'Without a body it has a weight of 1; memory goes with weight. A former `id` comes back, ' +
        'empty, as a new incarnation.',
      parameters: ['DryRun', 'Arcs', 'Pace'],
      body: { required: false, content: json(newNode, { 'twice the share': { weight: 2 } }) },
      answers: {
        200: dry,
        202: {
          description: 'It joins: the migration tells how far it is',
          headers: ['Location'],
          content: json(addedNode, { joining: { node: 'n3', migration: 'm1' } }),
        },
      },
      problems: [...BODY, 'node_exists', ...CHANGE],
    },
    'DELETE /v1/nodes/{id}': {
      id: 'removeNode',
      summary: 'Let a node leave',
      description: 'It drains, then leaves.',
      parameters: ['NodeId', 'DryRun', 'Arcs', 'Force', 'Pace'],
      answers: {
        200: dry,
        202: {
          description: 'It leaves: the migration tells how far it is',
          headers: ['Location'],
          content: json(removedNode, { leaving: { migration: 'm2' } }),
        },
      },
      problems: ['node_not_found', 'last_node', 'ring_too_small', ...CHANGE],
    },
    'POST /v1/nodes/{id}/fail': {
      id: 'failNode',
      summary: 'Tell that a host went bad',
      description: "Its memory is gone at once, and its arcs go to its successors'.",
      parameters: ['NodeId'],
      answers: {
        202: {
          description: 'The ring has closed over it; the migration makes lost copies anew',
          headers: ['Location'],
          content: json(failedNode, { 'without replicas': { epoch: 3, migration: null } }),
        },
      },
      problems: ['node_not_found', 'last_node', ...CHANGE],
    },
    'GET /v1/migrations': {
      id: 'listMigrations',
      summary: 'List migrations',
      answers: {
        200: {
          description: 'The newest first: all that wait or run, and the last that ended',
          content: json(migrationList, { one: { migrations: [RECEIPT] } }),
        },
      },
    },
    'GET /v1/migrations/{id}': {
      id: 'describeMigration',
      summary: 'The receipt of a migration',
      parameters: ['MigrationId'],
      answers: { 200: shown('How far it is, or how it ended') },
      problems: ['migration_not_found'],
    },
    'DELETE /v1/migrations/{id}': {
      id: 'cancelMigration',
      summary: 'Cancel a migration',
      description: 'What moved goes back; no key is lost by it.',
      parameters: ['MigrationId'],
      answers: { 202: shown('It turns back: the receipt says when it has') },
      problems: ['migration_not_found', 'migration_ended'],
    },
  },
}
