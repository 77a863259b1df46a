import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'
import pino from 'pino'
import { Engine } from '../../src/engine/engine.js'
import { type RunningServer, startServer } from '../../src/http/server.js'
import type { Arc } from '../../src/ring/moves.js'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
  readonly text: string
  /** The body as JSON; an empty object where it is none. */
  readonly json: Json
}

/** Whatever some answer holds; a test knows which it asked for. */
export interface Json {
  readonly type: string
  readonly title: string
  readonly defaultTtl: number | null
  readonly maxBytes: number | null
  readonly immutable: boolean
  readonly tier: string
  readonly puts: number
  readonly hits: number
  readonly misses: number
  readonly key: string
  readonly owner: string
  readonly token: number
  readonly epoch: number
  readonly code: string
  readonly status: number | string
  readonly detail: string
  readonly index?: number
  readonly id: string
  readonly name: string
  readonly accountId: string
  readonly endpoint: string
  readonly createdAt: string
  readonly credentialId: string
  readonly credentialKey: string
  readonly buckets: readonly Json[]
  readonly credentials: readonly Json[]
  readonly keys: readonly string[]
  readonly values: readonly unknown[]
  readonly stored: readonly boolean[]
  readonly deleted: readonly boolean[]
  readonly cursor: string | null
  readonly share: number
  readonly nodes: readonly { readonly id: string; readonly state: string; readonly share: number }[]
  readonly node: string
  readonly migration: string | null
  readonly migrations: readonly Json[]
  readonly kind: string
  readonly state: string
  readonly planned: { readonly keys: number; readonly bytes: number; readonly digest: string }
  readonly moved: { readonly keys: number; readonly bytes: number; readonly digest: string }
  readonly arcs: number
  readonly epochs: readonly number[]
  readonly cancelling: boolean
  readonly fits: boolean
  readonly targets: readonly { readonly id: string }[]
  readonly copies?: { readonly wanted: number; readonly kept: number }
  readonly notice?: string
  readonly circle: readonly number[]
  readonly moves: readonly Arc[]
  readonly members: readonly string[]
  readonly positions: readonly number[]
  readonly owners: readonly number[]
  readonly tokens: number
  readonly items: number
  readonly bytes: number
  readonly hash: number
  readonly angle: number
  readonly successors: readonly string[]
}

export interface Asked {
  readonly key?: string | undefined
  readonly body?: string | Uint8Array | object
  readonly headers?: Record<string, string>
}

/** A server on a free port, an agent that keeps its connections, and the credentials to begin with. */
export interface Served {
  readonly engine: Engine
  readonly server: RunningServer
  readonly root: string
  readonly logged: string[]
  call(method: string, path: string, asked?: Asked): Promise<Answer>
  /** A new bucket of the default account and its admin credential. */
  bucket(options?: object): Promise<{ id: string; key: string; path: string }>
  close(): Promise<void>
}

export interface ServedOptions {
  readonly engine?: object
  readonly server?: object
  /** Threads that serve the port; nodes are threads too where there are several. */
  readonly acceptors?: number
  /** Puts something between the engine and the server. */
  readonly wrap?: (engine: Engine) => Engine
}

export const ROOT_KEY = 'root-key-of-these-tests-0123456789'
let buckets = 0

export async function serve(options: ServedOptions = {}): Promise<Served> {
  const { acceptors = Number(process.env['ANNULUS_TEST_ACCEPTORS'] ?? 1) } = options
  const opened = await Engine.open({
    kind: acceptors > 1 ? 'worker' : 'inline',
    nodes: 2,
    memory: '64mb',
    rootKey: ROOT_KEY,
    writers: acceptors - 1,
    ...options.engine,
  })
  const engine = options.wrap?.(opened) ?? opened
  const logged: string[] = []
  const server = await startServer(engine, {
    host: '127.0.0.1',
    port: 0,
    acceptors,
    domain: 'localhost',
    maxInflightBytes: 64 * 2 ** 20,
    logger: pino({ level: 'error' }, { write: (line: string) => logged.push(line) }),
    ...options.server,
  })
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  const call = (method: string, path: string, asked: Asked = {}) => {
    return ask(server.port, agent, method, path, asked)
  }
  return {
    engine,
    server,
    root: ROOT_KEY,
    logged,
    call,
    bucket: async (bucketOptions = {}) => {
      const body = { name: `bucket-${++buckets}`, ...bucketOptions }
      const { status, json, text } = await call('POST', '/v1/buckets', { key: ROOT_KEY, body })
      if (status !== 201) throw new Error(text)
      return { id: json.id, key: json.credentialKey, path: `/v1/buckets/${json.id}` }
    },
    close: async () => {
      agent.destroy()
      await server.close(1_000)
      await engine.close()
    },
  }
}

function ask(
  port: number,
  agent: Agent,
  method: string,
  path: string,
  { key, body, headers = {} }: Asked,
): Promise<Answer> {
  const isJson = typeof body === 'object' && !(body instanceof Uint8Array)
  const sent = isJson ? JSON.stringify(body) : body
  const all: Record<string, string> = { ...headers }
  if (key !== undefined) all['Authorization'] = `Bearer ${key}`
  if (isJson) all['Content-Type'] ??= 'application/json'
  if (sent !== undefined) all['Content-Length'] ??= String(Buffer.byteLength(sent))
  return new Promise((resolve, reject) => {
    const req = request({ port, host: '127.0.0.1', agent, method, path, headers: all }, (res) => {
      const chunks: Buffer[] = []
      res.on('data', (chunk: Buffer) => chunks.push(chunk))
      res.on('error', reject)
      res.on('end', () => {
        const bytes = Buffer.concat(chunks)
        const text = bytes.toString()
        const isJsonAnswer = /json/.test(res.headers['content-type'] ?? '') && text !== ''
        const json: Json = isJsonAnswer ? JSON.parse(text) : {}
        resolve({ status: res.statusCode ?? 0, headers: res.headers, bytes, text, json })
      })
    })
    req.on('error', reject)
    req.end(sent)
  })
}

export interface RawOptions {
  /** Shut our side after sending. */
  readonly half?: boolean
  /** Go on once what came so far contains this. */
  readonly until?: string
}

/** Sends bytes as they are and gives back what came until the server closed, or until `until`. */
export function raw(
  port: number,
  bytes: string | Buffer,
  options: RawOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let came = ''
    const finish = () => {
      clearTimeout(guard)
      socket.destroy()
      resolve(came)
    }
    const guard = setTimeout(() => {
      socket.destroy()
      reject(new Error(`no end in sight; so far: ${came}`))
    }, 8_000)
    socket.on('data', (chunk) => {
      came += chunk.toString('latin1')
      if (options.until !== undefined && came.includes(options.until)) finish()
    })
    socket.on('close', finish)
    socket.on('error', () => {})
    if (options.half === true) socket.end(bytes)
    else socket.write(bytes)
  })
}

/** `GET / HTTP/1.1` and header lines as one request that closes the connection. */
export function message(line: string, headers: readonly string[], body = ''): string {
  return [line, 'Host: localhost', ...headers, 'Connection: close', '', body].join('\r\n')
}

export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 ([0-9]{3})/.exec(answer)?.[1] ?? 0)
}

export function codeOf(answer: string): string | undefined {
  return /"code":"([a-z_]+)"/.exec(answer)?.[1]
}
