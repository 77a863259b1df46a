import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { Connection, type Outgoing } from './connection.js'
import type { Requests } from './requests.js'
import type { Response } from './response.js'
import type { Tally } from './tally.js'
import type { Work, WorkSource } from './work.js'

/** So many failures in a row on one connection end the run: the server is gone. */
const MAX_FAILURES = 20
const PAUSE_AFTER_FAILURE_MS = 50
const DRAIN_MS = 5_000

export interface Load {
  readonly url: URL
  readonly connections: number
  readonly requests: Requests
  readonly work: WorkSource
  readonly tally: Tally
  /** Ends the run: what is under way is answered first, within 5 s. */
  readonly signal: AbortSignal
}

/**
 * Runs the load: a closed loop, each connection sends its next request when it has the answer to
 * the last. Rejects where going on is pointless.
 */
export async function runLoad(load: Load): Promise<void> {
  const connections = Array.from({ length: load.connections }, () => new Connection(load.url))
  const closeAll = () => {
    for (const connection of connections) connection.close()
  }
  let drain: NodeJS.Timeout | undefined
  const onAbort = () => {
    drain = setTimeout(closeAll, DRAIN_MS)
  }
  load.signal.addEventListener('abort', onAbort, { once: true })
  const halt = new AbortController()
  const stopped = () => load.signal.aborted || halt.signal.aborted
  try {
    await Promise.all(
      connections.map((connection) =>
        drive(connection, load, stopped).catch((error: unknown) => {
          halt.abort()
          throw error
        }),
      ),
    )
  } finally {
    load.signal.removeEventListener('abort', onAbort)
    clearTimeout(drain)
    closeAll()
    await load.work.close()
  }
}

async function drive(connection: Connection, load: Load, stopped: () => boolean): Promise<void> {
  let failures = 0
  while (!stopped()) {
    const next = load.work.next()
    const work = next instanceof Promise ? await next : next
    if (work === undefined) return
    try {
      const able = await perform(connection, work, load)
      failures = 0
      if (!able) await sleep(PAUSE_AFTER_FAILURE_MS)
    } catch (error) {
      if (error instanceof Hopeless) throw error
      if (stopped()) return
      const reason = error instanceof Error ? error.message : String(error)
      load.tally.fail('connection', reason)
      if (++failures >= MAX_FAILURES) {
        throw new Error(`--url: ${load.url.origin} went away: ${reason}`)
      }
      await sleep(PAUSE_AFTER_FAILURE_MS)
    }
  }
}

/** An answer that will be the same for every further request. */
class Hopeless extends Error {}

/** Does one piece of work; false where the server was not able to, and a pause is due. */
async function perform(connection: Connection, work: Work, load: Load): Promise<boolean> {
  const { requests, tally } = load
  switch (work.kind) {
    case 'get':
      return (await get(connection, work.key, load)) !== 'unable'
    case 'put':
      return put(connection, work.key, work.sizeBytes, load)
    case 'fetch': {
      const found = await get(connection, work.key, load)
      if (found !== 'miss') return found !== 'unable'
      return put(connection, work.key, work.sizeBytes, load)
    }
    case 'getMany': {
      const response = await timed(connection, requests.getMany(work.keys), 'read', tally)
      if (response.status !== 200) return refuse(response, tally)
      const { values } = JSON.parse(String(response.body)) as { values: unknown[] }
      tally.lookups += values.length
      for (const value of values) if (value !== null) tally.hits++
      return true
    }
    case 'putMany': {
      const outgoing = requests.putMany(work.keys, work.sizeBytes)
      const response = await timed(connection, outgoing, 'write', tally)
      if (response.status !== 200) return refuse(response, tally)
      tally.stored += work.keys.length
      return true
    }
  }
}

async function get(
  connection: Connection,
  key: number | string,
  { requests, tally }: Load,
): Promise<'hit' | 'miss' | 'refused' | 'unable'> {
  const response = await timed(connection, requests.get(key), 'read', tally)
  const missed = response.status === 404 && !response.body?.includes('bucket_not_found')
  if (response.status !== 200 && !missed) return refuse(response, tally) ? 'refused' : 'unable'
  tally.lookups++
  if (!missed) tally.hits++
  return missed ? 'miss' : 'hit'
}

async function put(
  connection: Connection,
  key: number | string,
  sizeBytes: number,
  { requests, tally }: Load,
): Promise<boolean> {
  const response = await timed(connection, requests.put(key, sizeBytes), 'write', tally)
  if (response.status !== 201 && response.status !== 204) return refuse(response, tally)
  tally.stored++
  return true
}

async function timed(
  connection: Connection,
  outgoing: Outgoing,
  kind: 'read' | 'write',
  tally: Tally,
): Promise<Response> {
  const from = performance.now()
  const response = await connection.send(outgoing)
  tally.record(kind, performance.now() - from)
  tally.sentBytes += outgoing.body?.length ?? 0
  return response
}

/** Counts an error; true where it was about this one request and not about the server. */
function refuse(response: Response, tally: Tally): boolean {
  const { code, detail } = problemOf(response)
  const kind = `${response.status} ${code}`.trim()
  tally.fail(kind, detail)
  if (response.status === 401 || response.status === 403 || code === 'bucket_not_found') {
    throw new Hopeless(`the server answers ${kind}: ${detail}`)
  }
  return response.status < 500
}

function problemOf({ body }: Response): { code: string; detail: string } {
  const text = String(body ?? '').slice(0, 4_096)
  try {
    const problem = JSON.parse(text) as { code?: unknown; detail?: unknown }
    return { code: String(problem.code ?? ''), detail: String(problem.detail ?? '') }
  } catch {
    return { code: '', detail: text.slice(0, 200) }
  }
}
