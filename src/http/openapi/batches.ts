import { z } from 'zod'
import {
  batchDelete,
  batchDeleted,
  batchGet,
  batchPut,
  batchStored,
  batchValues,
  deletedCount,
} from '../schemas.js'
import { type Group, jsonOrFrame, type Refusal } from './operation.js'

const BODY: readonly Refusal[] = [
  ...(['invalid_body', 'invalid_key', 'key_too_long', 'batch_too_large', 'overloaded'] as const),
  ['invalid_body', 413],
  ['invalid_body', 415],
]
const WRITE: readonly Refusal[] = [...BODY, 'recovering', 'busy']

const deletion = z.union([batchDeleted, deletedCount])

export const batches: Group = {
  tag: 'Batches',
  description:
    'Many keys in one request: up to 1,000 keys and 16 MiB, of the request and of the answer. Results ' +
    'come in the order asked. One bad item refuses the whole batch before anything is stored, and the ' +
    'problem has its `index`.\n\nA request with `Content-Type: application/vnd.annulus.batch` has a ' +
    'binary frame for its body; an answer is one where `Accept` names that type. In JSON, bytes that ' +
    'are no valid UTF-8 are `{"base64": "..."}`.',
  operations: {
    'POST /v1/buckets/{id}/batch/get': {
      id: 'getMany',
      summary: 'Get many values',
      body: {
        required: true,
        content: jsonOrFrame(batchGet, { keys: { keys: ['kate', 'nobody', { user: 7 }] } }),
      },
      answers: {
        200: {
          description: 'A value for each key, null where there is none',
          content: jsonOrFrame(batchValues, {
            values: { values: ['5/12', null, { base64: '/wA=' }] },
          }),
        },
      },
      problems: [...BODY, 'busy'],
    },
    'POST /v1/buckets/{id}/batch/put': {
      id: 'putMany',
      summary: 'Put many values',
      description:
        'Of a key named twice the last value is stored. If a node fails half-way the answer is 503, ' +
        'and some may be stored: `maybeStored` says so.',
      body: {
        required: true,
        content: jsonOrFrame(batchPut, {
          'keys and values': { keys: ['kate', 'jane'], values: ['5/12', '10/15'], ttl: '5m' },
          'items with a TTL each': {
            items: [
              { key: 'john', value: '2/23', ttl: '30s' },
              { key: 'jim', value: { base64: '/wA=' } },
            ],
          },
        }),
      },
      answers: {
        200: {
          description: 'For each item whether it was stored; false: the key lives and is immutable',
          content: jsonOrFrame(batchStored, { stored: { stored: [true, true] } }),
        },
      },
      problems: [...WRITE, 'invalid_ttl', 'value_too_large', 'quota_exceeded'],
    },
    'POST /v1/buckets/{id}/batch/delete': {
      id: 'deleteMany',
      summary: 'Delete many keys, or all with a prefix',
      body: {
        required: true,
        content: jsonOrFrame(batchDelete, {
          keys: { keys: ['kate', 'nobody'] },
          'a prefix': { prefix: 'user:' },
        }),
      },
      answers: {
        200: {
          description: 'For each key whether it was there; for a prefix how many were deleted',
          content: jsonOrFrame(deletion, {
            keys: { deleted: [true, false] },
            'a prefix': { count: 3 },
          }),
        },
      },
      problems: WRITE,
    },
  },
}
