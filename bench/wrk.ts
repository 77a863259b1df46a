import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Goes through 1,000 requests made beforehand: the load generator shall not be what is measured. */
const SCRIPT = `
local requests, next = {}, 0
function init(args)
  local method, path, bearer, bytes = args[1], args[2], args[3], tonumber(args[4])
  local headers = { Host = wrk.headers.Host }
  if bearer ~= '' then headers.Authorization = 'Bearer ' .. bearer end
  local body = bytes > 0 and string.rep('v', bytes) or nil
  for i = 1, 1000 do
    requests[i] = wrk.format(method, path .. string.format('key:%012d', i - 1), headers, body)
  end
end
function request()
  next = next % 1000 + 1
  return requests[next]
end
`

export interface Load {
  readonly method: 'GET' | 'PUT'
  readonly port: number
  /** The key follows it. */
  readonly path: string
  readonly bearer: string
  readonly bodyBytes: number
}

export const KEYS = 1_000
const CONNECTIONS = 32

export class Wrk {
  private readonly folder = mkdtempSync(join(tmpdir(), 'annulus-wrk-'))
  private readonly script = join(this.folder, 'keys.lua')

  constructor() {
    writeFileSync(this.script, SCRIPT)
  }

  /** Requests a second, over one thread and 32 connections. Throws where an answer was no success. */
  async run({ method, port, path, bearer, bodyBytes }: Load, seconds: number): Promise<number> {
    const load = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '-s', this.script]
    const url = `http://127.0.0.1:${port}`
    const args = [...load, url, '--', method, path, bearer, `${bodyBytes}`]
    const { stdout } = await promisify(execFile)('wrk', args)
    const perSecond = /^Requests\/sec:\s*([0-9.]+)/m.exec(stdout)?.[1]
    const bad = /^\s*(Non-2xx.*|Socket errors.*)$/m.exec(stdout)?.[1]
    if (perSecond === undefined || bad !== undefined) throw new Error(bad ?? stdout)
    return Number(perSecond)
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }
}
