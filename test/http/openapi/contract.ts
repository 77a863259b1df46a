import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { Answer } from '../served.js'

export interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly schema?: unknown
  readonly example?: unknown
}
interface Media {
  readonly schema?: unknown
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>
}
interface Header {
  readonly required?: boolean
  readonly schema?: unknown
  readonly example?: unknown
}
export interface Response {
  readonly description: string
  readonly headers?: Readonly<Record<string, unknown>>
  readonly content?: Readonly<Record<string, Media>>
}
export interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly description: string
  readonly tags: readonly string[]
  readonly parameters: readonly unknown[]
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> }
  readonly responses: Readonly<Record<string, unknown>>
  readonly security?: readonly unknown[]
}
export interface Document {
  readonly openapi: string
  readonly info: { readonly version: string; readonly description: string }
  readonly servers: readonly { readonly url: string }[]
  readonly tags: readonly { readonly name: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, unknown>>
    readonly parameters: Readonly<Record<string, Parameter>>
    readonly headers: Readonly<Record<string, Header>>
    readonly responses: Readonly<Record<string, Response>>
  }
}

/** An operation and where it stands. */
export interface Placed extends Operation {
  readonly method: string
  readonly path: string
}

const BASE = 'annulus:document'
/** Of every HTTP message; of no call in particular. */
const OF_HTTP = [
  ...['date', 'connection', 'keep-alive', 'content-type', 'content-length', 'transfer-encoding'],
]

/** What a document promises, and whether an answer keeps it. */
export class Contract {
  readonly document: Document
  private readonly ajv = new Ajv2020({ strict: true, allErrors: true, strictRequired: false })
  private readonly checks = new Map<string, ValidateFunction>()

  constructor(document: Document) {
    this.document = document
    formats.default(this.ajv)
    for (const name of ['int64', 'binary']) this.ajv.addFormat(name, true)
    this.ajv.addVocabulary(['example', 'openapi', 'info', 'servers', 'tags', 'paths', 'components'])
    this.ajv.addVocabulary(['security'])
    this.ajv.addSchema({ ...(closed(document) as object), $id: BASE })
  }

  operations(): Placed[] {
    return Object.entries(this.document.paths).flatMap(([path, methods]) => {
      return Object.entries(methods).map(([method, operation]) => {
        return { ...operation, method: method.toUpperCase(), path }
      })
    })
  }

  operation(id: string): Placed {
    const found = this.operations().find(({ operationId }) => operationId === id)
    if (found === undefined) throw new Error(`the document has no operation ${id}`)
    return found
  }

  /** Follows a reference inside the document. */
  resolve<T>(value: unknown): T {
    if (typeof value !== 'object' || value === null || !('$ref' in value)) return value as T
    return this.at(String(value.$ref)) as T
  }

  at(ref: string): unknown {
    let at: unknown = this.document
    for (const part of ref.replace(/^#\//, '').split('/')) {
      at = (at as Record<string, unknown> | undefined)?.[unescaped(part)]
    }
    if (at === undefined) throw new Error(`${ref} leads nowhere`)
    return at
  }

  /** What is wrong with a value by the schema at a place of the document; empty where nothing is. */
  faults(place: readonly string[], value: unknown): string {
    const pointer = place.map((part) => encodeURIComponent(escaped(part))).join('/')
    let check = this.checks.get(pointer)
    if (check === undefined) {
      check = this.ajv.compile({ $ref: `${BASE}#/${pointer}` })
      this.checks.set(pointer, check)
    }
    return check(value) ? '' : this.ajv.errorsText(check.errors)
  }

  /** Throws where status, headers or body are not what the document says. */
  check(id: string, answer: Answer): void {
    const operation = this.operation(id)
    const { method, path, responses } = operation
    const said = responses[answer.status]
    const what = `${id}: ${answer.status} ${answer.text.slice(0, 300)}`
    if (said === undefined) throw new Error(`${what}: the document knows no such status`)
    const response = this.resolve<Response>(said)
    const place =
      response === said
        ? ['paths', path, method.toLowerCase(), 'responses', String(answer.status)]
        : (said as { $ref: string }).$ref.slice(2).split('/')
    this.checkHeaders(response, answer, what)
    this.checkBody(place, response, answer, method, what)
  }

  private checkHeaders({ headers = {} }: Response, answer: Answer, what: string): void {
    const named = Object.entries(headers)
    for (const name of Object.keys(answer.headers)) {
      const isKnown = named.some(([one]) => one.toLowerCase() === name) || OF_HTTP.includes(name)
      if (!isKnown) throw new Error(`${what}: the document has no header ${name}`)
    }
    for (const [name, ref] of named) {
      const value = answer.headers[name.toLowerCase()]
      const { required } = this.resolve<Header>(ref)
      if (value === undefined && required === true) throw new Error(`${what}: no header ${name}`)
      if (value === undefined) continue
      const place = [...(ref as { $ref: string }).$ref.slice(2).split('/'), 'schema']
      const faults = this.faults(place, value)
      if (faults !== '') throw new Error(`${what}: ${name}: ${value}: ${faults}`)
    }
  }

  private checkBody(
    place: readonly string[],
    { content }: Response,
    { bytes, headers, text }: Answer,
    method: string,
    what: string,
  ): void {
    if (content === undefined || method === 'HEAD') {
      if (bytes.length > 0) throw new Error(`${what}: the document has no body`)
      return
    }
    const type = String(headers['content-type'])
    const known = [type, type.split(';')[0]].find((one) => content[one] !== undefined) ?? '*/*'
    if (content[known] === undefined)
      throw new Error(`${what}: the document has no body of ${type}`)
    if (content[known].schema === undefined) return
    const value = /json$/.test(type) ? JSON.parse(text) : text
    const faults = this.faults([...place, 'content', known, 'schema'], value)
    if (faults !== '') throw new Error(`${what}: ${faults}`)
  }
}

/** Answers are open in the document; here none may have a member that it does not name. */
function closed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(closed)
  const copy = Object.fromEntries(Object.entries(value).map(([name, one]) => [name, closed(one)]))
  const isOpen = copy['type'] === 'object' && 'properties' in copy && !('$ref' in copy)
  return isOpen ? { additionalProperties: false, ...copy } : copy
}

function escaped(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1')
}

function unescaped(part: string): string {
  return decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
}
