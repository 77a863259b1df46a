import { CacheError } from './errors.js'
import { itemBytes, MAX_VALUE_BYTES } from './store/assembler.js'
import {
  MAX_MEMORY_BYTES,
  MIN_MEMORY_BYTES,
  PAGE_BYTES,
  plan,
  SPACE_WORDS,
} from './store/layout.js'
import { formatSize, parseSize } from './units.js'

/** One option of `serve`: `--flag <placeholder>`, or `ANNULUS_FLAG` in the environment. */
export interface ServeOption {
  readonly flag: Flag
  readonly placeholder: string
  readonly describe: string
  readonly fallback: string | undefined
}

/** As they would be written. */
const FALLBACKS = {
  port: '7070',
  host: '127.0.0.1',
  memory: '256mb',
  data: './annulus-data',
  domain: 'localhost',
  'max-value': '8mb',
  'max-inflight': '256mb',
  'max-buckets': '4096',
  'virtual-nodes': '1024',
  'log-level': 'info',
} as const

type RequiredFlag = keyof typeof FALLBACKS
type Flag = RequiredFlag | 'nodes' | 'root-key' | 'endpoint-template'

export const SERVE_OPTIONS: readonly ServeOption[] = [
  option('port', 'port', '0 takes a free one'),
  option('host', 'host', 'address to listen on'),
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
  option('log-level', 'level', 'silent, fatal, error, warn, info, debug or trace'),
]

function option(flag: Flag, placeholder: string, describe: string): ServeOption {
  const fallback = Object.hasOwn(FALLBACKS, flag) ? FALLBACKS[flag as RequiredFlag] : undefined
  return { flag, placeholder, describe, fallback }
}

/** Everything that `serve` may be told, parsed once. */
export interface ServeConfig {
  readonly port: number
  readonly host: string
  readonly nodes: number
  readonly memoryBytes: number
  readonly data: string
  readonly rootKey: string | undefined
  readonly domain: string
  readonly endpointTemplate: string | undefined
  readonly maxValueBytes: number
  readonly maxInflightBytes: number
  readonly maxBuckets: number
  readonly virtualNodes: number
  readonly logLevel: string
}

export interface Machine {
  readonly cores: number
}

/** What a command line or an environment holds: names and what was written. */
export type Written = Readonly<Record<string, string | undefined>>

const MIB = 2 ** 20
/** By default no node has less; an operator may say otherwise. */
const DEFAULT_NODE_BYTES = 64 * MIB
/** A new value is written whole before the one that it replaces is let go. */
const VALUES_A_NODE_HOLDS = 2
/** Beside the value, an item of the largest size has the longest key and a long Content-Type. */
const LONGEST_KEY_BYTES = 1_024
const LONGEST_TYPE_BYTES = 256
const MAX_NODES = 1_024
const MAX_BUCKETS = 65_536
const MAX_VIRTUAL_NODES = 65_536
const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']

const HOST_NAME = /^[A-Za-z0-9.:_[\]%-]{1,255}$/
const DOMAIN_NAME = /^[a-z0-9-]+(\.[a-z0-9-]+)*$/i
/** What an Authorization header can carry, and nobody can guess. */
const CREDENTIAL = /^[\x21-\x7e]{16,256}$/

/** Flags win over the environment, that over the defaults. An empty variable counts as not set. */
export function serveConfig(flags: Written, env: Written, machine: Machine): ServeConfig {
  const { given, optional, required } = reader(flags, env)
  const endpointTemplate = optional('endpoint-template', template)
  const memoryBytes = required('memory', parseSize)
  const maxValueBytes = required('max-value', parseSize)
  const maxBuckets = required('max-buckets', count(1, MAX_BUCKETS))
  const domain = required('domain', matching(DOMAIN_NAME, 'a domain name'))
  const config: ServeConfig = {
    port: required('port', count(0, 65_535)),
    host: required('host', matching(HOST_NAME, 'an address or a host name')),
    nodes:
      optional('nodes', count(1, MAX_NODES)) ??
      suitableNodes(memoryBytes, maxValueBytes, maxBuckets, machine),
    memoryBytes,
    data: required('data', matching(/^[^\0]+$/, 'a folder')),
    rootKey: optional('root-key', rootKey),
    domain: given('domain') ? domain : (domainOf(endpointTemplate) ?? domain),
    endpointTemplate,
    maxValueBytes,
    maxInflightBytes: required('max-inflight', parseSize),
    maxBuckets,
    virtualNodes: required('virtual-nodes', count(1, MAX_VIRTUAL_NODES)),
    logLevel: required('log-level', oneOf(LOG_LEVELS)),
  }
  checkTogether(config)
  return Object.freeze(config)
}

/** The environment variable of a flag: `max-value` is ANNULUS_MAX_VALUE. */
export function variable(flag: string): string {
  return `ANNULUS_${flag.toUpperCase().replaceAll('-', '_')}`
}

/** A core is left to the thread that accepts requests. */
function suitableNodes(
  memoryBytes: number,
  maxValueBytes: number,
  maxBuckets: number,
  machine: Machine,
): number {
  let nodes = Math.min(machine.cores - 1, Math.floor(memoryBytes / DEFAULT_NODE_BYTES), MAX_NODES)
  while (nodes > 1 && !holds(Math.floor(memoryBytes / nodes), maxValueBytes, maxBuckets)) nodes--
  return Math.max(1, nodes, Math.ceil(memoryBytes / MAX_MEMORY_BYTES))
}

/** Whether a node of that memory can take the largest value, and then another in its place. */
function holds(nodeBytes: number, maxValueBytes: number, maxBuckets: number): boolean {
  const tablesBytes = maxBuckets * SPACE_WORDS * 4
  if (nodeBytes < MIN_MEMORY_BYTES + tablesBytes) return false
  const forItems = plan(nodeBytes, maxBuckets).pageCount * PAGE_BYTES
  const item = itemBytes(LONGEST_KEY_BYTES, LONGEST_TYPE_BYTES, maxValueBytes)
  return forItems >= VALUES_A_NODE_HOLDS * item
}

function checkTogether(config: ServeConfig): void {
  const { memoryBytes, nodes, maxValueBytes, maxInflightBytes, maxBuckets } = config
  const nodeBytes = Math.floor(memoryBytes / nodes)
  const over = `${formatSize(memoryBytes)} over ${nodes} node${nodes === 1 ? '' : 's'}`
  if (maxValueBytes > MAX_VALUE_BYTES) {
    const given = formatSize(maxValueBytes)
    throw new CacheError(
      'invalid_option',
      `--max-value: ${given} is more than ${formatSize(MAX_VALUE_BYTES)}`,
    )
  }
  if (nodeBytes > MAX_MEMORY_BYTES) {
    throw new CacheError(
      'invalid_option',
      `--memory: ${over} is more than ${formatSize(MAX_MEMORY_BYTES)} a node: give more --nodes`,
    )
  }
  if (!holds(nodeBytes, maxValueBytes, maxBuckets)) {
    throw new CacheError(
      'invalid_option',
      `--memory: ${over} is too small for --max-value ${formatSize(maxValueBytes)}: ` +
        'a node must hold two values of that size, and its tables; ' +
        'give more memory, fewer nodes or a smaller --max-value',
    )
  }
  if (maxInflightBytes < maxValueBytes) {
    throw new CacheError(
      'invalid_option',
      `--max-inflight: ${formatSize(maxInflightBytes)} is less than --max-value ${formatSize(maxValueBytes)}`,
    )
  }
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
