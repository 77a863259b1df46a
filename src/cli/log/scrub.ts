/** What a credential of ours looks like, its secret apart: see engine/credential-key.ts. */
const CREDENTIAL = /\b(ann_[0-9a-f]{16})_[A-Za-z0-9_-]{20,}/g
const BEARER = /\b(Bearer)(\s+|%20)[^\s"'\\]+/gi

/**
 * Takes every credential out of a line of the log, wherever it got in: an error's text, a header, an
 * address. `secrets` are those that no pattern can tell, such as a root key that the operator chose.
 */
export function scrubber(secrets: readonly string[]): (line: string) => string {
  // As they stand in JSON, where quotes and backslashes are escaped.
  const written = secrets
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])
    .filter((secret) => secret !== '')
  return (line) => {
    let clean = line.replaceAll(CREDENTIAL, '$1_[redacted]').replaceAll(BEARER, '$1 [redacted]')
    for (const secret of written) clean = clean.replaceAll(secret, '[redacted]')
    return clean
  }
}
