import { Problem } from './problem.js'

export type Query<Name extends string> = { readonly [N in Name]?: string }

/** Reads a query string; an unknown or repeated parameter is refused rather than guessed at. */
export function parseQuery<Name extends string>(
  search: string,
  allowed: readonly Name[],
): Query<Name> {
  const found: { [N in Name]?: string } = {}
  if (search === '') return found
  for (const part of search.split('&')) {
    if (part === '') continue
    const equals = part.indexOf('=')
    const written = equals < 0 ? part : part.slice(0, equals)
    const name = allowed.find((one) => one === written)
    if (name === undefined) throw unknown(written, allowed)
    if (found[name] !== undefined) {
      throw new Problem('invalid_option', `Query parameter ${name} is given more than once.`)
    }
    found[name] = decode(equals < 0 ? '' : part.slice(equals + 1), name)
  }
  return found
}

export function refuseQuery(search: string): void {
  parseQuery(search, [])
}

export function parseFlag(value: string | undefined, name: string): boolean {
  if (value === undefined || value === 'false') return false
  if (value === 'true') return true
  throw new Problem('invalid_option', `${name} must be true or false.`)
}

/** As people write it: 1, 0.25, .5. What it may be the engine knows. */
export function parseNumber(value: string, name: string): number {
  if (/^([0-9]{1,15}|[0-9]{0,15}\.[0-9]{1,15})$/.test(value)) return Number(value)
  throw new Problem('invalid_option', `${name} must be a number, as in ${name}=0.25.`)
}

/** `+` is a space here, as forms and URLSearchParams write it; a plus is %2B. */
function decode(text: string, name: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw new Problem(
      'invalid_option',
      `Query parameter ${name} is not percent-encoded UTF-8; encode it with encodeURIComponent.`,
    )
  }
}

function unknown(written: string, allowed: readonly string[]): Problem {
  const shown = JSON.stringify(written.slice(0, 40))
  const known = allowed.length === 0 ? 'this call takes none' : `known are: ${allowed.join(', ')}`
  return new Problem('invalid_option', `Query parameter ${shown} is unknown; ${known}.`)
}
