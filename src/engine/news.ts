import type { ErrorCode } from '../errors.js'
import type { Departure } from '../node/far-node.js'
import type { Member } from '../ring/ring.js'
import type { BucketRecord, Change } from './records.js'

/** A node as it is posted to another thread. */
export interface PlacedNode {
  /** Of this life of the node: it has the same number in all news to all threads. */
  readonly serial: number
  readonly lane: number
  readonly memory: SharedArrayBuffer
  /** The thread's own way to write to it, if it may. */
  readonly mailbox: SharedArrayBuffer | undefined
}

/** The members of a ring; `nodes[i]` is member number i. */
export interface Placed {
  readonly members: readonly Member[]
  readonly nodes: readonly PlacedNode[]
}

/** Routes, as they are posted to other threads. */
export interface Announced extends Placed {
  readonly epoch: number
  readonly fence: number
  readonly virtualNodes: number
  /** While keys move: who had them until now. */
  readonly before: Placed | undefined
}

/** A write that the engine's own thread has to order: see Coordination. */
export interface HandedWrite {
  readonly call: number
  readonly bucketId: string
  readonly op: number
  readonly hash: number
  readonly condition: number
  readonly version: number
  readonly deadline: number
  readonly type: string
  readonly value: Uint8Array | string
  /** The key's bytes, padded to whole words, and how many they are. */
  readonly words: Int32Array
  readonly length: number
}

/** What became of one: an outcome of order.ts, or why it failed. */
export type HandedAnswer =
  | { readonly call: number; readonly outcome: number; readonly version: number }
  | {
      readonly call: number
      readonly code: ErrorCode
      readonly message: string
      readonly maybeStored: boolean
    }

/** What the engine's thread tells those that are attached. */
export type News =
  | { readonly kind: 'routes'; readonly routes: Announced }
  /** Nothing that the node was asked is answered any more. */
  | { readonly kind: 'gone'; readonly serial: number; readonly departure: Departure }
  | { readonly kind: 'bucket'; readonly record: BucketRecord; readonly outreach: number }
  | { readonly kind: 'no bucket'; readonly id: string }
  /** To those that write alone. */
  | { readonly kind: 'credentials'; readonly changes: readonly Change[] }
  | { readonly kind: 'answers'; readonly answers: readonly HandedAnswer[] }
