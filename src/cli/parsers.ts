import { InvalidArgumentError } from 'commander'

/** What stands behind an option, parsed. Each throws InvalidArgumentError: commander names the option. */
type Parser<T> = (text: string) => T

export function wholeNumber(min: number, max: number): Parser<number> {
  return (text) => {
    const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`)
  }
}

/** A number up to 1; what the ends mean is told where it is not plain. */
export function part(min: number, meaningOfMin?: string, meaningOfMax?: string): Parser<number> {
  const low = meaningOfMin === undefined ? `${min}` : `${min} (${meaningOfMin})`
  const high = meaningOfMax === undefined ? '1' : `1 (${meaningOfMax})`
  return (text) => {
    const value = /^[0-9.]{1,20}$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= 1) return value
    throw new InvalidArgumentError(`It must be a number from ${low} to ${high}.`)
  }
}

/** A number over 0; how large it may be the server knows. */
export function positive(text: string): number {
  const value = /^[0-9.]{1,20}$/.test(text) ? Number(text) : Number.NaN
  if (value > 0) return value
  throw new InvalidArgumentError('It must be a number over 0.')
}

export function httpAddress(text: string): URL {
  if (URL.canParse(text)) {
    const url = new URL(text)
    if (/^https?:$/.test(url.protocol)) return url
  }
  throw new InvalidArgumentError('It must be an http(s) URL such as http://127.0.0.1:7070.')
}

/** A parser of units.ts, whose message already says how to write it. */
export function unit(
  parse: (text: string, what: string) => number,
  what: string,
  min = 0,
): Parser<number> {
  return (text) => {
    try {
      const value = parse(text, what)
      if (value >= min) return value
    } catch (error) {
      throw new InvalidArgumentError(error instanceof Error ? `${error.message}.` : String(error))
    }
    throw new InvalidArgumentError(`It must be ${min} at least.`)
  }
}
