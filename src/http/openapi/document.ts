import {
  createDocument,
  type oas31,
  type ZodOpenApiOperationObject,
  type ZodOpenApiOverrideContext,
  type ZodOpenApiPathsObject,
} from 'zod-openapi'
import { CacheError } from '../../errors.js'
import type { Access } from '../auth.js'
import type { HomeCall } from '../call.js'
import { batches } from './batches.js'
import { buckets } from './buckets.js'
import { components } from './components.js'
import { credentials } from './credentials.js'
import { headers, headersOf } from './headers.js'
import { keys } from './keys.js'
import type { Answer, Group, Operation } from './operation.js'
import { operations } from './operations.js'
import { type ParameterName, parameters } from './parameters.js'
import { problemsOf, sharedResponses } from './problems.js'
import { ring } from './ring.js'
import { about } from './words.js'

export const groups: readonly Group[] = [keys, batches, buckets, credentials, ring, operations]

/** For people with a browser, not for programs: left out of the document on purpose. */
export const PAGES: ReadonlySet<string> = new Set(['GET /', 'GET /assets/{file}', 'GET /docs'])

/** What is particular to one server. */
export interface Particulars {
  readonly version: string
  /** Where a bucket is found from outside, with `{id}` in it. */
  readonly endpointTemplate: string
}

/** OpenAPI 3.1 of these calls; throws where one is not described. */
export function describeApi(calls: readonly HomeCall[], server: Particulars): oas31.OpenAPIObject {
  return createDocument(
    {
      openapi: '3.1.1',
      info: {
        title: 'Annulus',
        version: server.version,
        description: about(server.endpointTemplate, openPaths(calls)),
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [
        { url: '/', description: 'This server, path style' },
        {
          url: server.endpointTemplate.replace(/\/$/, ''),
          description: "A bucket's own endpoint, where `/v1/buckets/{id}/...` is also `/v1/...`",
          variables: { id: { default: '0', description: 'Id of the bucket' } },
        },
      ],
      tags: groups.map(({ tag, description }) => ({ name: tag, description })),
      security: [{ credential: [] }],
      paths: pathsOf(calls),
      components: {
        securitySchemes: {
          credential: {
            type: 'http',
            scheme: 'bearer',
            description: 'The credentialKey of root, of an account or of a bucket',
          },
        },
        schemas: components,
        parameters,
        headers,
        responses: sharedResponses(),
      },
    },
    { override: plain },
  )
}

function openPaths(calls: readonly HomeCall[]): string[] {
  const open = calls.filter(({ access, method, path }) => {
    return access === 'public' && !PAGES.has(`${method} ${path}`)
  })
  return open.map(({ path }) => path)
}

function pathsOf(calls: readonly HomeCall[]): ZodOpenApiPathsObject {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {}
  for (const call of calls) {
    const name = `${call.method} ${call.path}`
    if (PAGES.has(name)) continue
    const group = groups.find((one) => Object.hasOwn(one.operations, name))
    if (group === undefined) {
      throw new CacheError('internal', `${name} has no description: add one in http/openapi/`)
    }
    paths[call.path] ??= {}
    paths[call.path][call.method.toLowerCase()] = operationOf(call, group.operations[name], group)
  }
  return paths
}

function operationOf(
  call: HomeCall,
  operation: Operation,
  { tag }: Group,
): ZodOpenApiOperationObject {
  const { id, summary, description, parameters: own = [], body, answers } = operation
  const names: ParameterName[] = []
  if (call.scope !== undefined) names.push('BucketId')
  if (call.scope === 'key') names.push('Key')
  names.push(...own)
  const parts = [description, hostStyle(call), WHO[call.access]]
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: parts.filter((part) => part !== undefined).join('\n\n'),
    ...(call.access === 'public' ? { security: [] } : {}),
    parameters: names.map((name) => ({ $ref: `#/components/parameters/${name}` })),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, one]) => [status, given(one)])),
      ...problemsOf(call, operation),
    },
  }
}

function given({ description, headers: names = [], content }: Answer) {
  return { description, ...headersOf(names), ...(content === undefined ? {} : { content }) }
}

/** Below a bucket everything is reached through its host name as well. */
function hostStyle({ method, path, scope }: HomeCall): string | undefined {
  const below = path.replace('/v1/buckets/{id}', '')
  if (scope === undefined || below === '') return undefined
  return `At the bucket's own endpoint: \`${method} /v1${below}\`.`
}

const WHO: Readonly<Record<Access, string | undefined>> = {
  public: undefined,
  root: 'Who may: root.',
  account: 'Who may: an account, root.',
  read: 'Who may: any credential of the bucket, its account, root.',
  write: 'Who may: a credential of the bucket with role `write` or `admin`, its account, root.',
  admin: 'Who may: a credential of the bucket with role `admin`, its account, root.',
  owner: "Who may: the bucket's account, root.",
}

/**
 * Answers are left open, so that a client made of this document bears members that come to be later;
 * whole numbers are said to need 64 bits; and what a format says already needs no pattern beside it.
 */
function plain({ jsonSchema, zodSchema, io }: ZodOpenApiOverrideContext): void {
  const { def } = zodSchema._zod
  if (io === 'output' && def.type === 'object' && def.catchall === undefined) {
    delete jsonSchema.additionalProperties
  }
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) {
    delete jsonSchema.maximum
    jsonSchema.format = 'int64'
  }
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern
  if (jsonSchema.format === 'base64') delete jsonSchema.format
}
