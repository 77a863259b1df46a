import { DEFAULTS, LIMITS } from './engine/options.js'
import { CacheError } from './errors.js'
import { formatSize, parseSize } from './units.js'

/** One option of `serve`: `--flag <argument>`, or `ANNULUS_FLAG` in the environment. */
export interface ServeOption {
  readonly flag: Flag
  readonly argument: string
  readonly describe: string
  readonly fallback: string | undefined
}

/** As they would be written. Of those that the engine has itself, some are here for --help alone. */
const FALLBACKS = {
  port: '7070',
  host: '127.0.0.1',
  memory: DEFAULTS.memory,
  data: './annulus-data',
  domain: 'localhost',
  'max-value': DEFAULTS.maxValue,
  'max-inflight': '256mb',
  'max-buckets': `${DEFAULTS.maxBuckets}`,
  'virtual-nodes': `${DEFAULTS.virtualNodes}`,
  'move-pace': `${DEFAULTS.movePace}`,
  'log-level': 'info',
} as const

type RequiredFlag = keyof typeof FALLBACKS
type Flag = RequiredFlag | 'acceptors' | 'nodes' | 'root-key' | 'endpoint-template'

export const SERVE_OPTIONS: readonly ServeOption[] = [
  option('port', 'port', '0 takes a free one'),
  option('host', 'host', 'address to listen on'),
  option('acceptors', 'n', 'threads that serve the port (default: half the cores, 8 at most)'),
  option('nodes', 'n', 'nodes of a new ring (default: what cores and memory suit)'),
  option('memory', 'size', 'total of all nodes of a new ring'),
  option('data', 'dir', 'where the ring and the catalogue are kept'),
  option('root-key', 'key', 'replaces the root key; as a variable, so that `ps` does not show it'),
  option('domain', 'name', 'buckets answer at {id}.name too'),
  option('endpoint-template', 'url', 'how endpoints are written: https://www.{id}.mycache.com/'),
  option('max-value', 'size', 'largest value'),
  option('max-inflight', 'size', 'request bodies held at one time'),
  option('max-buckets', 'n', 'most buckets'),
  option('virtual-nodes', 'n', 'for each unit of weight in a new ring; 1: the textbook circle'),
  option('move-pace', 'part', "of the serving thread's time, for moving keys: 0.01 to 1"),
  option('log-level', 'level', 'silent, fatal, error, warn, info, debug or trace'),
]

function option(flag: Flag, argument: string, describe: string): ServeOption {
  const fallback = Object.hasOwn(FALLBACKS, flag) ? FALLBACKS[flag as RequiredFlag] : undefined
  return { flag, argument, describe, fallback }
}

/** Everything that `serve` may be told, parsed once. Undefined: not told, the engine decides. */
export interface ServeConfig {
  readonly port: number
  readonly host: string
  readonly acceptors: number | undefined
  readonly nodes: number | undefined
  readonly memoryBytes: number | undefined
  readonly data: string
  readonly rootKey: string | undefined
  readonly domain: string
  readonly endpointTemplate: string | undefined
  readonly maxValueBytes: number | undefined
  readonly maxInflightBytes: number
  readonly maxBuckets: number
  readonly virtualNodes: number | undefined
  readonly movePace: number
  readonly logLevel: string
}

/** What a command line or an environment holds: names and what was written. */
export type Written = Readonly<Record<string, string | undefined>>

const LEAST_PACE = 0.01
const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']

const HOST_NAME = /^[A-Za-z0-9.:_[\]%-]{1,255}$/
const DOMAIN_NAME = /^[a-z0-9-]+(\.[a-z0-9-]+)*$/i
/** What an Authorization header can carry, and nobody can guess. */
const CREDENTIAL = /^[\x21-\x7e]{16,256}$/

/** Flags win over the environment, that over the defaults. An empty variable counts as not set. */
export function serveConfig(flags: Written, env: Written): ServeConfig {
  const { given, optional, required } = reader(flags, env)
  const endpointTemplate = optional('endpoint-template', template)
  const domain = required('domain', matching(DOMAIN_NAME, 'a domain name'))
  const config: ServeConfig = {
    port: required('port', count(0, 65_535)),
    host: required('host', matching(HOST_NAME, 'an address or a host name')),
    acceptors: optional('acceptors', count(1, LIMITS.writers + 1)),
    nodes: optional('nodes', count(1, LIMITS.nodes)),
    memoryBytes: optional('memory', parseSize),
    data: required('data', matching(/^[^\0]+$/, 'a folder')),
    rootKey: optional('root-key', rootKey),
    domain: given('domain') ? domain : (domainOf(endpointTemplate) ?? domain),
    endpointTemplate,
    maxValueBytes: optional('max-value', parseSize),
    maxInflightBytes: required('max-inflight', parseSize),
    maxBuckets: required('max-buckets', count(1, LIMITS.maxBuckets)),
    virtualNodes: optional('virtual-nodes', count(1, LIMITS.virtualNodes)),
    movePace: required('move-pace', part(LEAST_PACE)),
    logLevel: required('log-level', oneOf(LOG_LEVELS)),
  }
  checkInflight(config)
  return Object.freeze(config)
}

/** The environment variable of a flag: `max-value` is ANNULUS_MAX_VALUE. */
export function variable(flag: string): string {
  return `ANNULUS_${flag.toUpperCase().replaceAll('-', '_')}`
}

/** Any value that is taken must fit; the engine knows what fits the memory. */
function checkInflight({ maxInflightBytes, maxValueBytes }: ServeConfig): void {
  const largest = maxValueBytes ?? parseSize(DEFAULTS.maxValue)
  if (maxInflightBytes >= largest) return
  throw new CacheError(
    'invalid_option',
    `--max-inflight: ${formatSize(maxInflightBytes)} is less than --max-value ${formatSize(largest)}`,
  )
}

type Parse<T> = (text: string, name: string) => T

function reader(flags: Written, env: Written) {
  /** What was written for an option, and under which name. */
  const find = (flag: Flag): { text: string; name: string } | undefined => {
    const flagged = flags[flag]
    if (flagged !== undefined) return { text: flagged, name: `--${flag}` }
    const name = variable(flag)
    const text = env[name]
    return text === undefined || text === '' ? undefined : { text, name }
  }
  return {
    given: (flag: Flag) => find(flag) !== undefined,
    optional<T>(flag: Flag, parse: Parse<T>): T | undefined {
      const written = find(flag)
      return written === undefined ? undefined : parse(written.text, written.name)
    },
    required<T>(flag: RequiredFlag, parse: Parse<T>): T {
      const { text, name } = find(flag) ?? { text: FALLBACKS[flag], name: `--${flag}` }
      return parse(text, name)
    },
  }
}

function refuse(name: string, text: string, wanted: string): CacheError {
  return new CacheError('invalid_option', `${name}: ${JSON.stringify(text)} is not ${wanted}`)
}

/** A whole number between two bounds, both included. */
export function count(min: number, max: number): Parse<number> {
  return (text, name) => {
    const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value
    throw refuse(name, text, `a whole number from ${min} to ${max}`)
  }
}

/** A part of a whole, from a least one to 1. */
export function part(min: number): Parse<number> {
  return (text, name) => {
    const value = /^([0-9]|[0-9]?\.[0-9]{1,15})$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= 1) return value
    throw refuse(name, text, `a number from ${min} to 1`)
  }
}

function matching(pattern: RegExp, wanted: string): Parse<string> {
  return (text, name) => {
    if (pattern.test(text)) return text
    throw refuse(name, text, wanted)
  }
}

function oneOf(choices: readonly string[]): Parse<string> {
  return (text, name) => {
    if (choices.includes(text)) return text
    throw refuse(name, text, `one of ${choices.join(', ')}`)
  }
}

/** Refused without being shown: it may be a real key with a slip in it. */
function rootKey(text: string, name: string): string {
  if (CREDENTIAL.test(text)) return text
  throw new CacheError(
    'invalid_option',
    `${name}: not 16 to 256 visible ASCII characters, without spaces`,
  )
}

function template(text: string, name: string): string {
  const url = URL.canParse(text.replaceAll('{id}', '1')) && /^https?:\/\//.test(text)
  if (url && text.includes('{id}')) return text
  throw refuse(name, text, 'an http(s) URL with {id} in it, as https://www.{id}.mycache.com/')
}

/** `mycache.com` of `https://www.{id}.mycache.com/`: host style is to work under it. */
function domainOf(endpointTemplate: string | undefined): string | undefined {
  if (endpointTemplate === undefined) return undefined
  return /^https?:\/\/(?:www\.)?\{id\}\.([^/:]+)/.exec(endpointTemplate)?.[1]
}
