import { keyList } from '../schemas.js'
import { BYTES, type Group, json, type Operation } from './operation.js'

const VALUE = {
  'text/plain': { schema: { type: 'string' }, examples: { text: { value: '2/23' } } },
  'application/octet-stream': { schema: BYTES },
  '*/*': { schema: BYTES },
} as const

const WRITE = ['overloaded', 'recovering', 'busy'] as const

const get: Operation = {
  id: 'getKey',
  summary: 'Get a value',
  description:
    'The bytes as they were put, with the Content-Type that they came with ' +
    '(`application/octet-stream` where there was none). A key past its TTL is never served.',
  parameters: ['IfNoneMatch', 'IfMatch'],
  answers: {
    200: {
      description: 'The value',
      headers: ['ETag', 'CacheStatus', 'ContentLength'],
      content: { '*/*': { schema: BYTES } },
    },
    304: {
      description: 'If-None-Match names the stored version: no body',
      headers: ['ETag', 'CacheStatus'],
    },
  },
  problems: ['key_not_found', 'version_mismatch', 'busy'],
  problemHeaders: { 404: ['CacheMiss'] },
}

export const keys: Group = {
  tag: 'Keys',
  description: 'One key at a time. A value is bytes, from none up to `--max-value`.',
  operations: {
    'GET /v1/buckets/{id}/keys/{key}': get,
    'HEAD /v1/buckets/{id}/keys/{key}': {
      ...get,
      id: 'headKey',
      summary: 'Look at a key',
      description: 'What GET answers, without the value; it does not count as a get in the usage.',
      answers: {
        200: {
          description: 'The key is there',
          headers: ['ETag', 'CacheStatus', 'ContentLength'],
        },
        304: get.answers[304],
      },
    },
    'PUT /v1/buckets/{id}/keys/{key}': {
      id: 'putKey',
      summary: 'Put a value',
      description:
        'The Content-Type is kept and given back, up to 255 characters. Content-Encoding and ' +
        'Content-Range are refused: they would not come back. In an immutable bucket a live key is ' +
        'refused with `key_exists`.',
      parameters: ['Ttl', 'MaxAge', 'OnlyNew', 'IfMatch'],
      body: { required: false, content: VALUE },
      answers: {
        201: { description: 'Stored: the key is new', headers: ['ETag'] },
        204: { description: 'Stored: it replaced a value', headers: ['ETag'] },
      },
      problems: [
        ...(['invalid_ttl', 'invalid_size', 'key_exists', 'version_mismatch'] as const),
        ...(['value_too_large', 'quota_exceeded'] as const),
        ['invalid_body', 413],
        ['invalid_body', 415],
        ...WRITE,
      ],
    },
    'PATCH /v1/buckets/{id}/keys/{key}': {
      id: 'touchKey',
      summary: 'Give a key a new TTL',
      description: 'The value and its version stay.',
      parameters: ['NewTtl', 'IfMatch'],
      answers: { 204: { description: 'The key has the new TTL', headers: ['ETag'] } },
      problems: ['key_not_found', 'invalid_ttl', 'version_mismatch', ...WRITE],
    },
    'DELETE /v1/buckets/{id}/keys/{key}': {
      id: 'deleteKey',
      summary: 'Delete a key',
      parameters: ['IfMatch'],
      answers: { 204: { description: 'The key is gone' } },
      problems: ['key_not_found', 'version_mismatch', ...WRITE],
    },
    'GET /v1/buckets/{id}/keys': {
      id: 'listKeys',
      summary: 'List keys',
      description:
        'Page by page, in no order. A key that lives throughout appears at least once. A page may be ' +
        'shorter than `limit`, or empty, and not be the last: that one has a `cursor` of null.',
      parameters: ['Prefix', 'Cursor', 'Limit'],
      answers: {
        200: {
          description: 'A page of keys',
          content: json(keyList, { 'the last page': { keys: ['john', 'kate'], cursor: null } }),
        },
      },
      problems: ['invalid_cursor', 'overloaded', 'recovering'],
    },
  },
}
