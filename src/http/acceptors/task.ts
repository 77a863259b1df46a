import type { EngineHandle } from '../../engine/announcer.js'

/** What a further acceptor is told when it begins. */
export interface AcceptorTask {
  readonly handle: EngineHandle
  readonly board: SharedArrayBuffer
  readonly meters: SharedArrayBuffer
  /** How many calls there are in all. */
  readonly routes: number
  /** Its number; the thread with the engine has 0. */
  readonly number: number
  /** Of the socket that all listen on. */
  readonly descriptor: number
  /** Where requests go that it does not answer by itself. */
  readonly socketPath: string
  readonly port: number
  readonly domain: string
  readonly endpointTemplate: string | undefined
  readonly maxInflightBytes: number
}

/** What it tells. */
export type Told =
  | { readonly kind: 'serving' }
  | { readonly kind: 'error' | 'info'; readonly fields: object; readonly text: string }

/** What it is told later. */
export interface Stop {
  readonly graceMs: number
}
