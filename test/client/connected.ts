import { AnnulusClient, type ClientBucket, type ClientOptions } from '../../src/client/index.js'
import { type Served, type ServedOptions, serve } from '../http/served.js'

/** A server, a client with its root credential, and what went over the wire. */
export interface Connected {
  readonly served: Served
  readonly client: AnnulusClient
  /** Each request as `GET /path?query`. */
  readonly requests: string[]
  /** Another client of the same server. */
  connect(options?: Partial<ClientOptions>): AnnulusClient
  /** A new bucket, with the credential that came with it. */
  bucket(options?: object, client?: AnnulusClient): Promise<ClientBucket>
  close(): Promise<void>
}

let buckets = 0

export async function connected(
  options: ServedOptions = {},
  clientOptions: Partial<ClientOptions> = {},
): Promise<Connected> {
  const served = await serve({ acceptors: 1, ...options })
  const requests: string[] = []
  const connect = (more: Partial<ClientOptions> = {}) => {
    return new AnnulusClient({
      url: `http://127.0.0.1:${served.server.port}`,
      key: served.root,
      fetch: (url, init) => {
        const { pathname, search } = new URL(url)
        requests.push(`${init.method} ${pathname}${search}`)
        return fetch(url, init)
      },
      ...clientOptions,
      ...more,
    })
  }
  const client = connect()
  return {
    served,
    client,
    requests,
    connect,
    bucket: async (bucketOptions = {}, of = client) => {
      return of.bucket(await client.createBucket(`bucket-${++buckets}`, bucketOptions))
    },
    close: () => served.close(),
  }
}

/** The error that a call rejects with. */
export async function failureOf(call: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await call
  } catch (error) {
    if (error instanceof Error) return error
    throw new Error(`it rejected with ${String(error)}`)
  }
  throw new Error('it did not reject')
}

export async function codeOf(call: Promise<unknown>): Promise<string | undefined> {
  return (await failureOf(call)).code
}
