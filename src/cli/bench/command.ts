import { performance } from 'node:perf_hooks'
import { Command } from 'commander'
import { formatDuration, formatSize, grouped } from '../../units.js'
import { runLoad } from './load.js'
import { type BenchOptions, benchOptions, checkTogether, durationOf } from './options.js'
import { type Screen, type Share, showProgress } from './progress.js'
import { seeded } from './random.js'
import { type Run, reportJson, reportLines } from './report.js'
import { Requests } from './requests.js'
import { Tally } from './tally.js'
import { openTarget, type Target } from './target.js'
import { readTraceBatches } from './trace.js'
import { fillWork, limited, type Mix, randomWork, traceWork, type WorkSource } from './work.js'

const EXIT_ERRORS = 1
const EXIT_INTERRUPTED = 130
/** What a trace asks for beyond this is put at this size: the default limit of a server. */
const LARGEST_TRACE_VALUE = 8 * 1024 * 1024

export function benchCommand(): Command {
  const command = new Command('bench').description(
    'a load run against a server, with a live progress line; every option can also be given as a variable, ANNULUS_URL for --url',
  )
  for (const option of benchOptions()) command.addOption(option)
  return command.action(async (options: BenchOptions) => {
    const stop = new AbortController()
    const onInterrupt = () => {
      if (stop.signal.aborted) process.exit(EXIT_INTERRUPTED)
      stop.abort()
    }
    process.on('SIGINT', onInterrupt)
    try {
      const run = await bench(options, process.stderr, stop.signal)
      const text = options.json ? JSON.stringify(reportJson(run)) : reportLines(run).join('\n')
      process.stdout.write(`${text}\n`)
      if (run.interrupted) process.exitCode = EXIT_INTERRUPTED
      else if (run.tally.errorCount > 0) process.exitCode = EXIT_ERRORS
    } finally {
      process.off('SIGINT', onInterrupt)
    }
  })
}

/** Runs the load and cleans up after it, whatever happens. */
export async function bench(
  options: BenchOptions,
  screen: Screen,
  interrupt: AbortSignal,
): Promise<Run> {
  const credential = checkTogether(options)
  const { url, bucket, maxBytes } = options
  const target = await openTarget(url, credential, { id: bucket, maxBytes })
  const prefix = `bench-${process.pid.toString(36)}-`
  try {
    return await measure(options, target, prefix, screen, interrupt)
  } finally {
    await target.cleanUp(prefix).catch((error: Error) => screen.write(`${error.message}\n`))
  }
}

async function measure(
  options: BenchOptions,
  target: Target,
  prefix: string,
  screen: Screen,
  interrupt: AbortSignal,
): Promise<Run> {
  const { url, connections, trace, batch, value, ttl: ttlMs } = options
  const maxValueBytes = trace === undefined ? value : Math.max(value, LARGEST_TRACE_VALUE)
  const names = { prefix, ttlMs, maxValueBytes }
  const requests = new Requests(url, target.bucketId, target.credential, names)
  const run = async (phase: string, work: WorkSource, signal: AbortSignal, share: ShareOf) => {
    const tally = new Tally()
    const hide = showProgress(screen, phase, tally, () => share(tally))
    const from = performance.now()
    try {
      await runLoad({ url, connections, requests, work, tally, signal })
    } finally {
      hide()
    }
    return { tally, seconds: (performance.now() - from) / 1_000 }
  }
  const mix: Mix = { ratio: options.ratio, keys: options.keys, valueBytes: value, batch }
  if (trace === undefined && options.fill && options.ratio > 0) {
    const filled = await run('fill', fillWork(mix), interrupt, (t) => t.stored / mix.keys)
    const [problem] = filled.tally.errors
    if (problem !== undefined) screen.write(`fill: ${problem[0]}: ${problem[1].detail}\n`)
  }
  const end = endOf(options, interrupt)
  try {
    const work = workOf(options, mix)
    const { tally, seconds } = await run('run', work, end.signal, end.share)
    const title = titleOf(options, target)
    return { title, seconds, batch, interrupted: interrupt.aborted, tally }
  } finally {
    end.cancel()
  }
}

type ShareOf = (tally: Tally) => ReturnType<Share>

function workOf(options: BenchOptions, mix: Mix): WorkSource {
  const { trace, traceFormat, requests, seed, value } = options
  const format = traceFormat === 'auto' ? undefined : traceFormat
  const sizes = { fallback: value, limit: Math.max(value, LARGEST_TRACE_VALUE) }
  const work =
    trace === undefined
      ? randomWork(mix, seeded(seed))
      : traceWork(readTraceBatches(trace, format), sizes)
  return requests === undefined ? work : limited(work, requests)
}

/** What ends the run: its time or an interrupt; and how far it is. */
function endOf(options: BenchOptions, interrupt: AbortSignal) {
  const durationMs = durationOf(options)
  const { requests } = options
  const end = new AbortController()
  const stop = () => end.abort()
  const timer = durationMs === undefined ? undefined : setTimeout(stop, durationMs)
  if (interrupt.aborted) stop()
  interrupt.addEventListener('abort', stop, { once: true })
  const from = performance.now()
  const share: ShareOf = (tally) => {
    if (durationMs !== undefined) return (performance.now() - from) / durationMs
    return requests === undefined ? undefined : tally.requests / requests
  }
  const cancel = () => {
    clearTimeout(timer)
    interrupt.removeEventListener('abort', stop)
  }
  return { signal: end.signal, share, cancel }
}

function titleOf(options: BenchOptions, { bucketId, made }: Target): string[] {
  const { url, connections, ratio, keys, value, batch, trace, ttl } = options
  const load = [`${connections} connections`]
  if (trace === undefined) {
    load.push(`${+(ratio * 100).toFixed(2)} % reads`, `${grouped(keys)} keys`)
    load.push(`values of ${formatSize(value)}`)
  } else {
    load.push(`replay of ${trace}`)
  }
  if (batch > 1) load.push(`${batch} keys a request`)
  if (ttl !== undefined) load.push(`ttl ${formatDuration(ttl)}`)
  return [
    `annulus bench ${url.origin}, bucket ${bucketId}${made ? ' (made for this run)' : ''}`,
    `${load.join(', ')}; each connection waits for its answer`,
  ]
}
