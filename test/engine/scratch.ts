import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CacheError, ErrorCode } from '../../src/errors.js'

const directories: string[] = []
process.on('exit', () => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true })
})

/** A directory that goes with this process; its path is short enough for sockets. */
export function scratchDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'annulus-'))
  directories.push(directory)
  return directory
}

/** A clock that is one millisecond later at each look, and real randomness. */
export function timeAndChance(): { clock: () => number; random: (count: number) => Uint8Array } {
  let nowMs = 1_700_000_000_000
  return { clock: () => nowMs++, random: (count) => randomBytes(count) }
}

/** The error of a call that must fail with this code; its message is for people, so it is looked at. */
export async function refusal(
  code: ErrorCode,
  call: () => unknown,
  message?: RegExp,
): Promise<CacheError> {
  let outcome: unknown
  try {
    outcome = await call()
  } catch (error) {
    const refused = error as CacheError
    if (refused.code !== code) throw error
    if (message !== undefined && !message.test(refused.message)) throw error
    return refused
  }
  throw new Error(`expected ${code}, got ${JSON.stringify(outcome)}`)
}
