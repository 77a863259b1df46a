import {
  bucket,
  bucketList,
  bucketPatch,
  changedBucket,
  createdBucket,
  newBucket,
  placement,
  usage,
} from '../schemas.js'
import { type Group, json, type Refusal, SHOWN_ONCE } from './operation.js'

const BUCKET = {
  id: '417203958116',
  name: 'sessions',
  accountId: 'default',
  endpoint: 'http://www.417203958116.localhost:7070/',
  defaultTtl: 1_200_000,
  maxBytes: 16_777_216,
  immutable: false,
  tier: 'standard',
  replicas: 0,
  createdAt: '2026-05-01T10:00:00.000Z',
}

const OPTIONS: readonly Refusal[] = [
  ...(['invalid_body', 'invalid_ttl', 'invalid_size', 'overloaded'] as const),
  ['invalid_body', 413],
  ['invalid_body', 415],
]

export const buckets: Group = {
  tag: 'Buckets',
  description: "A bucket holds a customer's keys, apart from everybody else's.",
  operations: {
    'POST /v1/buckets': {
      id: 'createBucket',
      summary: 'Make a bucket',
      description:
        'The answer shows the key of its first credential, an `admin`, once. A name is unique in its ' +
        'account.',
      body: {
        required: true,
        content: json(newBucket, {
          'a name alone': { name: 'birthdays' },
          'with options': { name: 'sessions', defaultTtl: '20m', maxBytes: '16mb' },
        }),
      },
      answers: {
        201: {
          description: 'The bucket and its credential',
          headers: ['NoStore'],
          content: json(createdBucket, {
            made: { ...BUCKET, credentialKey: SHOWN_ONCE, credentialId: '5f0c1d2e3a4b5968' },
          }),
        },
      },
      problems: [
        ...OPTIONS,
        ...(['invalid_name', 'account_not_found', 'bucket_exists', 'too_many_buckets'] as const),
      ],
    },
    'GET /v1/buckets': {
      id: 'listBuckets',
      summary: 'List buckets',
      description: "An account's own; for root, all.",
      answers: {
        200: {
          description: 'The buckets, without credentials',
          content: json(bucketList, { one: { buckets: [BUCKET] } }),
        },
      },
    },
    'GET /v1/buckets/{id}': {
      id: 'describeBucket',
      summary: 'Describe a bucket',
      answers: { 200: { description: 'The bucket', content: json(bucket, { one: BUCKET }) } },
    },
    'PATCH /v1/buckets/{id}': {
      id: 'changeBucket',
      summary: 'Change a bucket',
      description:
        'What is left out stays as it is; null takes `defaultTtl` or `maxBytes` away. A new default ' +
        'TTL is for later puts.',
      body: {
        required: true,
        content: json(bucketPatch, { quota: { defaultTtl: null, maxBytes: '32mb' } }),
      },
      answers: {
        200: {
          description: 'The bucket as it is now',
          content: json(changedBucket, {
            changed: { ...BUCKET, defaultTtl: null, maxBytes: 33_554_432 },
          }),
        },
      },
      problems: OPTIONS,
    },
    'DELETE /v1/buckets/{id}': {
      id: 'deleteBucket',
      summary: 'Delete a bucket',
      answers: { 204: { description: 'It is gone, with all its keys and credentials' } },
    },
    'POST /v1/buckets/{id}/flush': {
      id: 'flushBucket',
      summary: 'Delete every key of a bucket',
      description: 'It takes the same time for one key as for a million.',
      answers: { 204: { description: 'Every key is gone' } },
      problems: ['overloaded'],
    },
    'GET /v1/buckets/{id}/usage': {
      id: 'bucketUsage',
      summary: 'What a bucket has used',
      description:
        'What a provider would bill from. `bytes` is memory taken, headers and rounding included; ' +
        'counts are since the server started.',
      answers: { 200: { description: 'The usage', content: json(usage) } },
    },
    'GET /v1/buckets/{id}/explain': {
      id: 'explainKey',
      summary: 'Where a key stands on the ring',
      parameters: ['ExplainedKey'],
      answers: {
        200: {
          description: 'Its hash, angle, token, owner and successors',
          content: json(placement, {
            john: {
              key: 'john',
              hash: 2_147_483_648,
              angle: 180,
              token: 2_147_501_021,
              owner: 'n2',
              successors: ['n1'],
              epoch: 1,
            },
          }),
        },
      },
      problems: ['invalid_key', 'key_too_long'],
    },
  },
}
