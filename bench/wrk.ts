import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Contestant, interleave, median } from './rounds.js'
import type { Latency } from './row.js'

/** Sends requests made beforehand, in turn: the load generator shall not be what is measured. */
const SCRIPT = `
local requests, next = {}, 0
function init(args)
  local file = assert(io.open(args[1], 'rb'))
  while true do
    local length = file:read('*l')
    if length == nil then break end
    requests[#requests + 1] = file:read(tonumber(length))
  end
  file:close()
end
function request()
  next = next % #requests + 1
  return requests[next]
end
function done(summary, latency, requests)
  io.write(string.format('microseconds: %d %d %d\\n',
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
end
`

/** Whole requests, gone through in turn by each thread. */
export interface Load {
  readonly port: number
  readonly requests: readonly Buffer[]
}

export interface Pressure {
  readonly seconds: number
  readonly threads?: number
  readonly connections?: number
}

export interface WrkReport {
  readonly perSecond: number
  readonly latency: Latency
}

/** What a contest came to: medians over the rounds. */
export type Reports = ReadonlyMap<string, WrkReport>

export const CONNECTIONS = 32

export class Wrk {
  private readonly folder = mkdtempSync(join(tmpdir(), 'annulus-wrk-'))
  private readonly script = join(this.folder, 'requests.lua')
  private readonly files = new Map<Load, string>()

  constructor() {
    writeFileSync(this.script, SCRIPT)
  }

  /** Throws where an answer was no success. */
  async run(load: Load, pressure: Pressure): Promise<WrkReport> {
    const { seconds, threads = 1, connections = CONNECTIONS } = pressure
    const sizes = [`-t${threads}`, `-c${connections}`, `-d${seconds}s`]
    const url = `http://127.0.0.1:${load.port}`
    const args = [...sizes, '-s', this.script, url, '--', this.fileOf(load)]
    const { stdout } = await promisify(execFile)('wrk', args)
    return parseWrk(stdout)
  }

  /** All loads in turn, round by round; a load of its own for each name. */
  async contest(
    loads: ReadonlyMap<string, Load>,
    rounds: number,
    pressure: Pressure,
  ): Promise<Reports> {
    const reports = new Map([...loads.keys()].map((name): [string, WrkReport[]] => [name, []]))
    const contestants = [...loads].map(([name, load]): Contestant => {
      const run = async () => {
        const report = await this.run(load, pressure)
        reports.get(name)?.push(report)
        return report.perSecond
      }
      return { name, run }
    })
    await interleave(contestants, rounds)
    return new Map([...reports].map(([name, list]) => [name, medianReport(list)]))
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }

  private fileOf(load: Load): string {
    const known = this.files.get(load)
    if (known !== undefined) return known
    const file = join(this.folder, `${this.files.size}.requests`)
    const parts = load.requests.flatMap((one) => [Buffer.from(`${one.length}\n`), one])
    writeFileSync(file, Buffer.concat(parts))
    this.files.set(load, file)
    return file
  }
}

/** What wrk printed, with the script's line under it. */
export function parseWrk(text: string): WrkReport {
  const bad = /^\s*(Non-2xx.*|Socket errors.*)$/m.exec(text)?.[1]
  const perSecond = /^Requests\/sec:\s*([0-9.]+)/m.exec(text)?.[1]
  const latency = /^microseconds: (\d+) (\d+) (\d+)$/m.exec(text)
  if (bad !== undefined || perSecond === undefined || latency === null) {
    throw new Error(`wrk: ${bad ?? text}`)
  }
  const [p50, p99, p999] = latency.slice(1).map(Number)
  return { perSecond: Number(perSecond), latency: { p50, p99, p999 } }
}

function medianReport(reports: readonly WrkReport[]): WrkReport {
  const perSecond = median(reports.map((report) => report.perSecond))
  return { perSecond, latency: medianLatency(reports.map(({ latency }) => latency)) }
}

/** Percentile by percentile. */
export function medianLatency(latencies: readonly Latency[]): Latency {
  const of = (part: keyof Latency) => median(latencies.map((latency) => latency[part]))
  return { p50: of('p50'), p99: of('p99'), p999: of('p999') }
}

/** A request as it goes over the wire. */
export function requestBytes(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array = new Uint8Array(),
): Buffer {
  const length = body.length > 0 ? { 'Content-Length': `${body.length}` } : {}
  const lines = Object.entries({ Host: '127.0.0.1', ...headers, ...length })
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${head}\r\n`), body])
}
