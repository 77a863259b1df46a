import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Stands in for a server: the calls that a load run makes, answered from a Map. */
export interface FakeServer {
  readonly url: URL
  /** Buckets that are there, with their keys and values. */
  readonly buckets: Map<string, Map<string, Buffer>>
  /** The paths that were asked for, with their method. */
  readonly calls: string[]
  /** Every answer to a key is this from now on. */
  answerKeysWith(status: number, code: string): void
  close(): Promise<void>
}

export const ROOT = 'root-key'

interface State {
  readonly buckets: FakeServer['buckets']
  readonly calls: string[]
  forced: { status: number; code: string } | undefined
}

export async function fakeServer(): Promise<FakeServer> {
  const state: State = { buckets: new Map(), calls: [], forced: undefined }
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => answer(state, request, Buffer.concat(chunks), response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    buckets: state.buckets,
    calls: state.calls,
    answerKeysWith(status, code) {
      state.forced = { status, code }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function problem(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'Content-Type': 'application/problem+json' })
  response.end(JSON.stringify({ status, code, detail: `detail of ${code}` }))
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' })
  // Two writes, so that this answer comes in chunks.
  const text = JSON.stringify(body)
  response.write(text.slice(0, 5))
  response.end(text.slice(5))
}

function answer(state: State, request: IncomingMessage, body: Buffer, response: ServerResponse) {
  const { method = '', url = '', headers } = request
  state.calls.push(`${method} ${url}`)
  const credential = headers.authorization?.replace('Bearer ', '') ?? ''
  const [path] = url.split('?')
  if (method === 'POST' && path === '/v1/buckets') {
    if (credential !== ROOT)
      return problem(response, credential === 'x' ? 403 : 401, 'unauthorized')
    const id = `${1000 + state.buckets.size}`
    state.buckets.set(id, new Map())
    return json(response, 201, { id, credentialKey: `key-of-${id}` })
  }
  const [, id, rest] = /^\/v1\/buckets\/(\d+)(.*)$/.exec(path) ?? []
  const bucket = state.buckets.get(id)
  if (bucket === undefined) return problem(response, 404, 'bucket_not_found')
  if (credential !== ROOT && credential !== `key-of-${id}`)
    return problem(response, 403, 'forbidden')
  if (method === 'DELETE' && rest === '') {
    state.buckets.delete(id)
    return response.writeHead(204).end()
  }
  if (rest === '/usage') return json(response, 200, { items: bucket.size })
  if (state.forced !== undefined) return problem(response, state.forced.status, state.forced.code)
  if (rest.startsWith('/batch/')) return batch(bucket, rest.slice(7), body, response)
  return single(bucket, method, decodeURIComponent(rest.replace('/keys/', '')), body, response)
}

function single(
  bucket: Map<string, Buffer>,
  method: string,
  key: string,
  body: Buffer,
  response: ServerResponse,
) {
  if (method === 'PUT') {
    response.writeHead(bucket.has(key) ? 204 : 201, { ETag: '"1"' }).end()
    return bucket.set(key, body)
  }
  const value = bucket.get(key)
  return value === undefined ? problem(response, 404, 'key_not_found') : response.end(value)
}

function batch(bucket: Map<string, Buffer>, verb: string, body: Buffer, response: ServerResponse) {
  const asked = JSON.parse(body.toString()) as { keys: string[]; values: string[]; prefix?: string }
  if (asked.prefix !== undefined) {
    const { prefix } = asked
    const gone = [...bucket.keys()].filter((key) => key.startsWith(prefix))
    return json(response, 200, { count: gone.filter((key) => bucket.delete(key)).length })
  }
  if (verb === 'get') {
    return json(response, 200, {
      values: asked.keys.map((key) => bucket.get(key)?.toString() ?? null),
    })
  }
  for (const [i, key] of asked.keys.entries()) bucket.set(key, Buffer.from(asked.values[i]))
  return json(response, 200, { stored: asked.keys.map(() => true) })
}
