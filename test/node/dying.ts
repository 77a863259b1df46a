import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { runChild } from '../child.js'
import { buildFolder } from '../scratch.js'

/** Runs death-child.js and returns what it reports. */
export async function dying(...args: (string | number)[]): Promise<Record<string, unknown>> {
  return (await report('death-child.js', args, 60_000)) as Record<string, unknown>
}

export interface Siege {
  readonly deaths: readonly { way: string; pauseMs: number; knownMs: number }[]
  readonly orders: number
  readonly wrong: readonly string[]
  readonly state: string
}

/** Runs siege-child.js: so many deaths under load, over so many items that lie there. */
export async function besieged(
  deaths: number,
  seed: number,
  items: number,
  apartMs = 0,
): Promise<Siege> {
  return (await report('siege-child.js', [deaths, seed, items, apartMs], 1_800_000)) as Siege
}

async function report(
  file: string,
  args: readonly (string | number)[],
  timeoutMs: number,
): Promise<unknown> {
  const folder = join(buildFolder, 'test/node')
  const preload = pathToFileURL(join(folder, 'death-preload.js')).href
  const flags = ['--enable-source-maps', '--import', preload, join(folder, file)]
  const { code, signal, timedOut, output } = await runChild(
    process.execPath,
    [...flags, ...args.map(String)],
    { timeoutMs },
  )
  if (code !== 0 || timedOut) {
    throw new Error(`${args.join(' ')}: ${timedOut ? 'hangs' : (signal ?? code)}\n${output}`)
  }
  return JSON.parse(output.trim().split('\n').at(-1) ?? '')
}
