import { Option } from 'commander'
import { CacheError } from '../../errors.js'
import { parseDuration, parseSize } from '../../units.js'
import { httpAddress, part, unit, wholeNumber } from '../parsers.js'
import { credentialOf } from '../remote.js'
import { formats, type TraceFormat } from './trace-format.js'

/** What the command line gives, parsed. */
export interface BenchOptions {
  readonly url: URL
  readonly key?: string
  readonly bucket?: string
  readonly connections: number
  readonly duration?: number
  readonly requests?: number
  readonly ratio: number
  readonly keys: number
  readonly value: number
  readonly ttl?: number
  readonly batch: number
  readonly trace?: string
  readonly traceFormat: TraceFormat | 'auto'
  readonly maxBytes?: number
  readonly fill: boolean
  readonly seed: number
  readonly json?: true
}

const DEFAULT_DURATION_MS = 10_000
const MAX_COUNT = 1_000_000_000_000
const MAX_BATCH_BYTES = 16 * 1024 * 1024

function option(flags: string, text: string): Option {
  const made = new Option(flags, text)
  const name = made.name().replaceAll('-', '_').toUpperCase()
  return made.env(`ANNULUS_${name}`)
}

/** Every option of `annulus bench`, each with its variable in the environment. */
export function benchOptions(): Option[] {
  const formatNames = ['auto', ...Object.keys(formats)]
  const size = unit(parseSize, 'size')
  const duration = unit(parseDuration, 'duration')
  return [
    option('--url <url>', 'the server')
      .argParser(httpAddress)
      .default(new URL('http://127.0.0.1:7070'), 'http://127.0.0.1:7070'),
    option(
      '--key <credential>',
      'of root or an account: a bucket is made for the run and deleted after; of a bucket: give --bucket too',
    ),
    option('--bucket <id>', 'an existing bucket; the keys of the run are deleted from it after'),
    option('--connections <n>', 'kept open, one request at a time on each')
      .argParser(wholeNumber(1, 10_000))
      .default(32),
    option('--duration <time>', 'how long to run (default: 10s)').argParser(duration),
    option('--requests <n>', 'run until so many are answered')
      .argParser(wholeNumber(1, MAX_COUNT))
      .conflicts('duration'),
    option('--ratio <part>', 'of reads, 0 to 1')
      .argParser(part(0, 'only writes', 'only reads'))
      .default(0.9),
    option('--keys <n>', 'different keys, drawn evenly')
      .argParser(wholeNumber(1, 1_000_000_000))
      .default(100_000),
    option('--value <size>', 'of each value').argParser(size).default(100, '100b'),
    option('--ttl <time>', 'of each key that is put').argParser(duration),
    option('--batch <n>', 'keys in one request, by batch calls')
      .argParser(wholeNumber(1, 1_000))
      .default(1),
    option('--trace <file>', 'replay a trace (plain or .gz): get, and on a miss put').conflicts([
      'ratio',
      'keys',
      'batch',
    ]),
    option('--trace-format <format>', 'of the trace').choices(formatNames).default('auto'),
    option('--max-bytes <size>', 'the share of memory of the bucket that is made')
      .argParser(size)
      .conflicts('bucket'),
    new Option('--no-fill', 'start on an empty bucket: do not put every key once beforehand'),
    option('--seed <n>', 'of the random choices')
      .argParser(wholeNumber(0, 2 ** 32 - 1))
      .default(1),
    new Option('--json', 'print the result as JSON'),
  ]
}

/** What no single option can tell of itself. */
export function checkTogether(options: BenchOptions): string {
  const key = credentialOf(
    options.key,
    'give a root or account credential, or the credential of a bucket with --bucket',
  )
  if (options.batch > 1 && options.batch * (options.value + 64) > MAX_BATCH_BYTES) {
    const how = 'a batch holds 16mb at most: lower --batch or --value'
    throw new CacheError('invalid_option', `--batch: ${options.batch} values are too much; ${how}`)
  }
  return key
}

/** When the run ends by itself: a trace ends with its file. */
export function durationOf(options: BenchOptions): number | undefined {
  const { duration, requests, trace } = options
  if (duration !== undefined) return duration
  return requests === undefined && trace === undefined ? DEFAULT_DURATION_MS : undefined
}
