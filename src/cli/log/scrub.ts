/**
 * What credentials look like, however they got in: behind any character, percent-encoded, cut short. The
 * id of one of ours, which is no secret, stays; see engine/credential-key.ts.
 */
const CREDENTIAL = /(ann(?:_|%5f)[0-9a-f]{16})(?:_|%5f)[A-Za-z0-9_%-]+/gi
/** Behind a scheme of the Authorization header: blanks may be escaped, in JSON or in an address. */
const SCHEMES = /(Bearer|Basic)((?:\s|\\t|%20|%09|\+)+)[^\s"'\\&,]+/gi
const REDACTED = '[redacted]'

/**
 * Takes every credential out of a line of the log, wherever it got in: an error's text, a header, an
 * address. `secrets` are those that no pattern can tell, such as a root key that the operator chose.
 */
export function scrubber(secrets: readonly string[]): (line: string) => string {
  const patterns = secrets.filter((secret) => secret !== '').map(patternOf)
  return (line) => {
    let clean = line
    for (const pattern of patterns) clean = clean.replaceAll(pattern, REDACTED)
    return clean.replaceAll(CREDENTIAL, `$1_${REDACTED}`).replaceAll(SCHEMES, `$1 ${REDACTED}`)
  }
}

/** Each character as it is, as JSON escapes it, or percent-encoded, whichever of them are mixed. */
function patternOf(secret: string): RegExp {
  const characters = [...secret].map((character) => {
    const hex = character.charCodeAt(0).toString(16).padStart(2, '0')
    const escaped = JSON.stringify(character).slice(1, -1)
    return `(?:${quoted(escaped)}|${quoted(character)}|%${hex})`
  })
  return new RegExp(characters.join(''), 'gi')
}

function quoted(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
