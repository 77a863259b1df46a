import type { ZodOpenApiContentObject, ZodOpenApiMediaTypeObject } from 'zod-openapi'
import { FRAME_TYPE } from '../../frames/frame.js'
import type { ProblemCode } from '../problem.js'
import type { HeaderName } from './headers.js'
import type { ParameterName } from './parameters.js'

/** A refusal, with its status where that is another than the code's own. */
export type Refusal = ProblemCode | readonly [code: ProblemCode, status: number]

/** What a call answers where it does what it was asked. */
export interface Answer {
  readonly description: string
  readonly headers?: readonly HeaderName[]
  readonly content?: ZodOpenApiContentObject
}

/**
 * What is to be said of a call that its method, path and access do not say already: see document.ts
 * for what is taken from those.
 */
export interface Operation {
  readonly id: string
  readonly summary: string
  readonly description?: string
  /** Beside those of the bucket and the key. */
  readonly parameters?: readonly ParameterName[]
  readonly body?: { readonly required: boolean; readonly content: ZodOpenApiContentObject }
  readonly answers: Readonly<Record<number, Answer>>
  /** Beside those that every call of its kind may be refused with. */
  readonly problems?: readonly Refusal[]
  /** Headers that a refusal with this status has in this call alone. */
  readonly problemHeaders?: Readonly<Record<number, readonly HeaderName[]>>
}

/** The calls of one tag, each under `METHOD /path`. */
export interface Group {
  readonly tag: string
  readonly description: string
  readonly operations: Readonly<Record<string, Operation>>
}

type Schema = NonNullable<ZodOpenApiMediaTypeObject['schema']>
type Examples = Readonly<Record<string, unknown>>

/** A body of JSON; each example under the name that readers see. */
export function json(schema: Schema, examples: Examples = {}): ZodOpenApiContentObject {
  return { 'application/json': { schema, ...shown(examples) } }
}

/** A batch's body: JSON, or a frame. */
export function jsonOrFrame(schema: Schema, examples: Examples): ZodOpenApiContentObject {
  return { ...json(schema, examples), [FRAME_TYPE]: { schema: BYTES } }
}

function shown(examples: Examples): Pick<ZodOpenApiMediaTypeObject, 'examples'> {
  const entries = Object.entries(examples).map(([name, value]) => [name, { value }])
  return entries.length === 0 ? {} : { examples: Object.fromEntries(entries) }
}

export const BYTES = { type: 'string', format: 'binary' } as const

/** Stands in examples where an answer shows a credential. */
export const SHOWN_ONCE = '(a new secret, shown once)'
