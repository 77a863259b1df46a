/** The longest path of a call has fewer. */
const MAX_PARTS = 8
/** What ids and names of calls are made of. */
const PLAIN = /^[\w.~-]{0,64}$/

/**
 * Of a request's target what a log may hold: the path, without query, and of its parts those that are
 * spelled plainly. A secret that somebody put into an address has no business there, nor the credential
 * that the request itself came with.
 */
export function loggedPath(target: string, authorization = ''): string {
  const [path] = target.split('?', 1)
  const credential = authorization.slice(authorization.indexOf(' ') + 1).trim()
  return path
    .split('/', MAX_PARTS)
    .map((part) => (PLAIN.test(part) && !tells(part, credential) ? part : '…'))
    .join('/')
}

function tells(part: string, credential: string): boolean {
  return credential !== '' && part.includes(credential)
}
