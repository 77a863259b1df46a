import { ready, up } from '../schemas.js'
import { type Group, json, type Operation } from './operation.js'

const STREAM = {
  type: 'string',
  description:
    'Server-sent events. `data` is JSON, by the name of the event: ConnectedEvent is the first, then ' +
    'RingEvent, MigrationEvent, NodeEvent and FiguresEvent.',
} as const

const events: Operation = {
  id: 'streamEvents',
  summary: 'Watch the ring',
  description:
    'Server-sent events until the client leaves: `ring`, `migration`, `node`, and with `figures=true` ' +
    '`figures`. Each stream begins with the whole ring. A comment comes every 15 s where nothing ' +
    'happens. EventSource cannot send Authorization: use fetch. Nothing else can be asked on the same ' +
    'connection.',
  parameters: ['Figures'],
  answers: {
    200: {
      description: 'What happens, as it happens',
      headers: ['NoStore', 'Unbuffered'],
      content: { 'text/event-stream': { schema: STREAM } },
    },
  },
  problems: ['overloaded'],
}

export const operations: Group = {
  tag: 'Operations',
  description: 'For whoever runs the server.',
  operations: {
    'GET /healthz': {
      id: 'healthy',
      summary: 'Whether the process is up',
      answers: { 200: { description: 'It is', content: json(up) } },
    },
    'GET /readyz': {
      id: 'ready',
      summary: 'Whether every node of the ring serves',
      answers: { 200: { description: 'Every node does', content: json(ready) } },
      problems: ['recovering', 'closed'],
    },
    'GET /v1/events': events,
    'HEAD /v1/events': {
      ...events,
      id: 'headEvents',
      summary: 'Whether the ring could be watched',
      description: 'The headers of the stream, without the stream.',
      answers: {
        200: { description: 'It could', headers: ['NoStore', 'Unbuffered'] },
      },
      problems: [],
    },
    'GET /metrics': {
      id: 'readMetrics',
      summary: 'Metrics for Prometheus',
      description: 'In its text format; names begin with `annulus_`.',
      answers: {
        200: {
          description: 'All that is counted',
          content: { 'text/plain': { schema: { type: 'string' } } },
        },
      },
    },
    'GET /openapi.json': {
      id: 'describeApi',
      summary: 'This document',
      parameters: ['IfNoneMatch'],
      answers: {
        200: {
          description: 'OpenAPI 3.1',
          headers: ['ETag', 'NoCache'],
          content: {
            'application/json': {
              schema: { type: 'object', required: ['openapi', 'info', 'paths'] },
            },
          },
        },
        304: {
          description: 'If-None-Match names this version: no body',
          headers: ['ETag', 'NoCache'],
        },
      },
      problems: ['closed'],
    },
  },
}
