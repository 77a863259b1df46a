import type { Sent } from './transport.js'

/** A call whose body, if it has one, is JSON. */
export function jsonCall(
  method: Sent['method'],
  url: string,
  key: string | undefined,
  body?: object,
): Sent {
  if (body === undefined) return { method, url, key }
  const headers = { 'Content-Type': 'application/json' }
  return { method, url, key, headers, body: JSON.stringify(body) }
}

/** `?a=1&b=2`, of what is given. */
export function queryOf(
  asked: Readonly<Record<string, string | number | boolean | undefined>>,
): string {
  const given = Object.entries(asked)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name, value]) => `${name}=${encodeURIComponent(value ?? '')}`)
  return given.length === 0 ? '' : `?${given.join('&')}`
}
