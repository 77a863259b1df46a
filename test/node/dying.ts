import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { runChild } from '../child.js'
import { buildFolder } from '../scratch.js'

/** Runs death-child.js and returns what it reports. */
export async function dying(...args: (string | number)[]): Promise<Record<string, unknown>> {
  const folder = join(buildFolder, 'test/node')
  const preload = pathToFileURL(join(folder, 'death-preload.js')).href
  const flags = ['--enable-source-maps', '--import', preload, join(folder, 'death-child.js')]
  const { code, signal, timedOut, output } = await runChild(
    process.execPath,
    [...flags, ...args.map(String)],
    { timeoutMs: 60_000 },
  )
  if (code !== 0 || timedOut) {
    throw new Error(`${args.join(' ')}: ${timedOut ? 'hangs' : (signal ?? code)}\n${output}`)
  }
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Record<string, unknown>
}
