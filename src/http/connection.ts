import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Principal } from '../engine/credentials.js'

/**
 * What is remembered between the requests of one connection. A client says the same Host and
 * Authorization every time: looking at them once saves a hash and a parse for each request.
 */
export class Connection {
  authorization = ''
  principal: Principal | undefined = undefined
  /** `engine.credentialEpoch` when the principal was found; at another one it is looked up anew. */
  credentialEpoch = -1

  host: string | undefined = undefined
  hostBucket: string | undefined = undefined

  /** The newest answer begun: all others are finished once it is, for answers keep their order. */
  newest: ServerResponse | undefined = undefined
  /** Requests that wait while another is being answered, see Pipeline. */
  readonly waiting: (() => void)[] = []
  isBusy = false
  /** Nothing that comes from now on is looked at any more. */
  isClosing = false
}

const memory = Symbol('connection')
type Remembering = Socket & { [memory]?: Connection }

export function connectionOf(socket: Socket): Connection {
  const known = (socket as Remembering)[memory]
  if (known !== undefined) return known
  const connection = new Connection()
  ;(socket as Remembering)[memory] = connection
  return connection
}
