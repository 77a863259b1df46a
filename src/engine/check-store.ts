import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { CacheError } from '../errors.js'
import { corrupt } from './records.js'
import { catalogueFile, matchesSeal, readSeal, type Seal } from './store-seal.js'

export const UNREADABLE = 65
const PROBE = fileURLToPath(new URL('./store-probe.js', import.meta.url))
const PROBE_LIMIT_MS = 60_000
const FATAL_SIGNALS: readonly string[] = ['SIGSEGV', 'SIGBUS', 'SIGABRT', 'SIGILL', 'SIGFPE']
/** Windows ends a process that touched what it must not with such a status. */
const WINDOWS_FAULT = 0xc0000000

/**
 * Says that the catalogue in a directory can be opened, or throws. One that was closed in order
 * must be what its seal says, to the byte. Of one that was not, a child process reads every record
 * first: lmdb maps the file, and a damaged one may end the process that reads it.
 */
export async function checkStore(directory: string): Promise<Seal['state']> {
  const seal = readSeal(directory)
  const file = catalogueFile(directory)
  const exists = existsSync(file)
  switch (seal.state) {
    case 'new':
      break
    case 'none':
      if (exists) throw corrupt(`${directory} holds a catalogue without its catalogue.seal`)
      break
    case 'open':
      if (!exists) throw corrupt(`${file} is gone`)
      await probe(directory)
      break
    case 'closed':
      if (!exists) throw corrupt(`${file} is gone`)
      if (!matchesSeal(directory, seal)) throw corrupt(`${file} is not as it was left`)
  }
  return seal.state
}

/** One that no other process writes to stands still: a seal that changes meanwhile is read again. */
export async function checkStoreReadOnly(directory: string): Promise<void> {
  for (let tries = 3; ; tries--) {
    const before = JSON.stringify(readSeal(directory))
    try {
      const state = await checkStore(directory)
      if (state === 'open' || state === 'closed') return
      throw new CacheError('invalid_option', `${directory} holds no catalogue: check the path`)
    } catch (error) {
      if (tries === 1 || JSON.stringify(readSeal(directory)) === before) throw error
    }
  }
}

function probe(directory: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { timeout: PROBE_LIMIT_MS, windowsHide: true }
    execFile(process.execPath, [PROBE, directory], options, (error, _stdout, stderr) => {
      if (error === null) return resolve()
      const file = catalogueFile(directory)
      const fault = typeof error.code === 'number' && error.code >= WINDOWS_FAULT
      if (fault || FATAL_SIGNALS.includes(error.signal ?? '')) {
        return reject(corrupt(`${file} cannot be read to its end`, error))
      }
      if (error.code === UNREADABLE) return reject(corrupt(stderr.trim() || `${file}`))
      // The check itself could not run (no second process here): each record is checked on loading.
      resolve()
    })
  })
}
