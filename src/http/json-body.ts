import type { z } from 'zod'
import { readBody } from './body.js'
import type { Exchange } from './exchange.js'
import { Problem } from './problem.js'

const MAX_JSON_BYTES = 65_536
const MAX_DEPTH = 32
const MAX_SHOWN = 120

const USUAL_TYPE = 'application/json'
const QUOTE = 34
const BACKSLASH = 92
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Reads and checks the body of a call that is no batch. */
export async function readJson<T>(x: Exchange, schema: z.ZodType<T>): Promise<T> {
  refuseOtherTypes(x)
  return check(parseJson(await readBody(x, MAX_JSON_BYTES, tooLarge)), schema)
}

function tooLarge(): Problem {
  return new Problem('invalid_body', `The body is over ${MAX_JSON_BYTES} bytes.`, { status: 413 })
}

/** No Content-Type at all is taken for JSON. */
export function refuseOtherTypes(x: Exchange): void {
  const { contentType, contentEncoding } = x.head
  if (contentType === USUAL_TYPE && contentEncoding === undefined) return
  if (contentEncoding !== undefined && contentEncoding.toLowerCase() !== 'identity') {
    throw new Problem('invalid_body', 'Send the body without Content-Encoding.', { status: 415 })
  }
  if (contentType === undefined) return
  const [type, ...parameters] = contentType.toLowerCase().split(';')
  const charset = parameters.map((one) => one.trim()).find((one) => one.startsWith('charset='))
  const isUtf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset)
  if (isUtf8 && /^application\/(json|[!-.0-~]+\+json)$/.test(type.trim())) return
  throw new Problem(
    'invalid_body',
    "The body must be JSON in UTF-8; with curl add -H 'Content-Type: application/json'.",
    { status: 415 },
  )
}

export function parseJson(bytes: Uint8Array): unknown {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    throw new Problem('invalid_body', 'The body is not valid UTF-8.')
  }
  if (opensMany(text)) refuseDepth(text)
  try {
    return JSON.parse(text)
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, MAX_SHOWN) : ''
    throw new Problem('invalid_body', `The body is not valid JSON: ${why}`)
  }
}

/** Nearly every body opens too few brackets, strings included, to be deep at all. */
function opensMany(text: string): boolean {
  let opened = 0
  for (const bracket of ['[', '{']) {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      if (++opened > MAX_DEPTH) return true
    }
  }
  return false
}

/** Looked at before parsing: a megabyte of `[` would cost the parser a thousand times as much. */
function refuseDepth(text: string): void {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) {
      i = endOfString(text, i)
      if (i < 0) return
    } else if (code === 91 || code === 123) {
      depth++
      if (depth > MAX_DEPTH) {
        throw new Problem('invalid_body', `The body is nested deeper than ${MAX_DEPTH} levels.`)
      }
    } else if (code === 93 || code === 125) {
      depth--
    }
  }
}

/** The index of the closing quote, or -1: then the parser will say what is wrong. */
function endOfString(text: string, open: number): number {
  for (let end = text.indexOf('"', open + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let first = end
    while (text.charCodeAt(first - 1) === BACKSLASH) first--
    if ((end - first) % 2 === 0) return end
  }
  return -1
}

/** Says where in the body the first fault is, and of which item of a batch. */
export function check<T>(json: unknown, schema: z.ZodType<T>): T {
  const result = schema.safeParse(json)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const path = issue.path.map(String).join('.').slice(0, MAX_SHOWN)
  const where = path === '' ? 'The body' : `In the body, ${path}`
  const index = issue.path.find((part) => typeof part === 'number')
  throw new Problem('invalid_body', `${where}: ${issue.message.slice(0, MAX_SHOWN)}`, {
    members: index === undefined ? {} : { index },
  })
}
