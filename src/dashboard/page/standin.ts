import type { Bucket, Placement, Plan, Ring, ServerEvent } from './shapes.js'

/** Stands in for the client of the package until it is there. */
export class ClientError extends Error {
  readonly code: string
  readonly status: number | undefined
  constructor(code: string, message: string, status?: number) {
    super(message)
    this.code = code
    this.status = status
  }
}
export class AnnulusClient {
  private readonly url: string
  private readonly key: string
  constructor({ url, key }: { url: string; key: string }) {
    this.url = url
    this.key = key
  }
  private async open(
    method: string,
    path: string,
    body?: object,
    signal?: AbortSignal,
  ): Promise<Response> {
    let answer: Response
    try {
      answer = await fetch(this.url + path, {
        method,
        headers: {
          Authorization: `Bearer ${this.key}`,
          ...(body ? { 'Content-Type': 'application/json' } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
        ...(signal ? { signal } : {}),
      })
    } catch (error) {
      throw new ClientError('unreachable', `does not answer: ${error}`)
    }
    if (!answer.ok && method !== 'HEAD') {
      const problem = await answer.json().catch(() => ({}))
      throw new ClientError(
        problem.code ?? 'unexpected_answer',
        problem.detail ?? `${answer.status}`,
        answer.status,
      )
    }
    return answer
  }
  private async call<T>(method: string, path: string, body?: object): Promise<T> {
    return (await this.open(method, path, body)).json()
  }
  ring({ tokens = false } = {}): Promise<Ring> {
    return this.call('GET', `/v1/ring${tokens ? '?tokens=true' : ''}`)
  }
  addNode({
    pace,
    ...node
  }: {
    weight?: number
    pace?: number
  }): Promise<{ node: string; migration: string }> {
    return this.call('POST', `/v1/nodes${pace === undefined ? '' : `?pace=${pace}`}`, node)
  }
  planAddNode({ arcs: _, ...node }: { weight?: number; arcs?: boolean }): Promise<Plan> {
    return this.call('POST', '/v1/nodes?dryRun=true&arcs=true', node)
  }
  removeNode(
    id: string,
    { force = false, pace }: { force?: boolean; pace?: number } = {},
  ): Promise<{ migration: string }> {
    return this.call(
      'DELETE',
      `/v1/nodes/${id}?force=${force}${pace === undefined ? '' : `&pace=${pace}`}`,
    )
  }
  planRemoveNode(id: string, _: { arcs?: boolean } = {}): Promise<Plan> {
    return this.call('DELETE', `/v1/nodes/${id}?dryRun=true&arcs=true`)
  }
  failNode(id: string): Promise<{ epoch: number; migration: string | null }> {
    return this.call('POST', `/v1/nodes/${id}/fail`)
  }
  cancelMigration(id: string): Promise<unknown> {
    return this.call('DELETE', `/v1/migrations/${id}`)
  }
  async buckets(): Promise<readonly Bucket[]> {
    return (await this.call<{ buckets: Bucket[] }>('GET', '/v1/buckets')).buckets
  }
  bucket(id: string) {
    const path = `/v1/buckets/${id}`
    return {
      explain: (key: string) =>
        this.call<Placement>('GET', `${path}/explain?key=${encodeURIComponent(key)}`),
      head: async (key: string) => {
        const { ok, headers } = await this.open('HEAD', `${path}/keys/${encodeURIComponent(key)}`)
        if (!ok) return undefined
        const ttl = /ttl=(\d+)/.exec(headers.get('Cache-Status') ?? '')?.[1]
        return {
          sizeBytes: Number(headers.get('Content-Length') ?? 0),
          contentType: headers.get('Content-Type') ?? '',
          ttlSeconds: ttl === undefined ? undefined : Number(ttl),
        }
      },
    }
  }
  async *events({
    signal,
    figures,
  }: {
    signal?: AbortSignal
    figures?: boolean
  }): AsyncGenerator<ServerEvent, void, void> {
    const { body } = await this.open(
      'GET',
      `/v1/events${figures ? '?figures=true' : ''}`,
      undefined,
      signal,
    )
    if (body === null) return
    const reader = body.pipeThrough(new TextDecoderStream()).getReader()
    let rest = ''
    for (;;) {
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }))
      if (done || value === undefined)
        throw new ClientError('unreachable', 'the stream of events ended')
      const parts = (rest + value).split('\n\n')
      rest = parts.pop() ?? ''
      for (const one of parts) {
        const data = /^data: (.*)$/m.exec(one)?.[1]
        if (data !== undefined) yield JSON.parse(data)
      }
    }
  }
}
