/** Where the server can be reached. */
export interface Reach {
  readonly url: string
  /** The address it was told to listen on. */
  readonly host: string
  readonly port: number
  readonly domain: string
}

/** Addresses at which curl reaches the server by any name below localhost. */
const LOCAL_HOSTS = ['127.0.0.1', 'localhost', '0.0.0.0', '::', '::1']

/**
 * The new root key, and lines to paste into a POSIX shell: they make a bucket, put a key and get
 * it in both styles. Shell variables carry the bucket's id and credential from line to line.
 */
export function firstSteps(reach: Reach, rootKey: string): string[] {
  const base = addressOf(reach.url)
  const bearer = '-H "Authorization: Bearer $CREDENTIAL"'
  const byName = `http://$ID.${reach.domain}:${reach.port}/v1/keys/hello`
  return [
    '',
    `root key: ${rootKey}`,
    `It is shown this once only: keep it. The dashboard at ${base}/ asks for it; ${base}/docs lists all calls.`,
    'To create a bucket, put a key and get it, paste:',
    '',
    `export ROOT_KEY='${rootKey}'`,
    `BUCKET=$(curl -sS -X POST "${base}/v1/buckets" -H "Authorization: Bearer $ROOT_KEY" -H 'Content-Type: application/json' -d '{"name":"first-steps"}')`,
    `ID=$(printf '%s' "$BUCKET" | ${pick('id')})`,
    `CREDENTIAL=$(printf '%s' "$BUCKET" | ${pick('credentialKey')})`,
    `curl -sS -X PUT "${base}/v1/buckets/$ID/keys/hello?ttl=1h" ${bearer} -H 'Content-Type: text/plain' -d 'world'`,
    `curl -sS "${base}/v1/buckets/$ID/keys/hello" ${bearer}; echo`,
    `curl -sS ${connect(reach, base)}"${byName}" ${bearer}; echo`,
    '',
  ]
}

/** Listening everywhere is no address to go to. */
function addressOf(url: string): string {
  return url.replace(/\/$/, '').replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:')
}

/** Takes one string member out of a JSON object on one line. */
function pick(member: string): string {
  return `sed 's/.*"${member}" *: *"\\([^"]*\\)".*/\\1/'`
}

/** curl resolves *.localhost by itself; any other name is led to the server's address. */
function connect(reach: Reach, base: string): string {
  if (reach.domain === 'localhost' && LOCAL_HOSTS.includes(reach.host)) return ''
  return `--connect-to "::${new URL(base).host}" `
}
