import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import xxhash from 'xxhash-addon'
import { corrupt } from './records.js'

/**
 * A line of text beside the catalogue's file that says how it was left:
 *
 *   new                 being made; nothing in it has been acknowledged yet
 *   open                in use, or its process died: look before trusting it
 *   closed SIZE XXH3    left in order, byte for byte as these say
 *
 * lmdb trusts the pages that it maps: a truncated file ends the process with SIGBUS, an empty one
 * reads as a new one. So the file is judged by its seal before lmdb sees it.
 */
export interface ClosedSeal {
  readonly state: 'closed'
  readonly sizeBytes: number
  readonly checksum: string
}
export type Seal = { readonly state: 'none' | 'new' | 'open' } | ClosedSeal

const HEAD = 'annulus catalogue 1'
const LINE = /^annulus catalogue 1 (?:(new|open)|closed ([0-9]{1,15}) ([0-9a-f]{16}))\n$/
const CHUNK_BYTES = 1 << 20

export function catalogueFile(directory: string): string {
  return join(directory, 'catalogue.mdb')
}

function sealFile(directory: string): string {
  return join(directory, 'catalogue.seal')
}

export function readSeal(directory: string): Seal {
  const file = sealFile(directory)
  if (!existsSync(file)) return { state: 'none' }
  const match = LINE.exec(readFileSync(file, 'latin1'))
  if (match === null) throw corrupt(`${file} cannot be read`)
  if (match[1] === 'new' || match[1] === 'open') return { state: match[1] }
  return { state: 'closed', sizeBytes: Number(match[2]), checksum: match[3] }
}

/** On disk when it returns. */
export function writeSeal(directory: string, state: 'new' | 'open'): void {
  writeLine(directory, state)
}

/** Only once nothing writes to the catalogue's file any more. */
export function writeClosedSeal(directory: string): void {
  const { sizeBytes, checksum } = measure(catalogueFile(directory))
  writeLine(directory, `closed ${sizeBytes} ${checksum}`)
}

export function matchesSeal(directory: string, seal: ClosedSeal): boolean {
  const { sizeBytes, checksum } = measure(catalogueFile(directory))
  return sizeBytes === seal.sizeBytes && checksum === seal.checksum
}

function writeLine(directory: string, line: string): void {
  const file = sealFile(directory)
  const draft = `${file}.new`
  const handle = openSync(draft, 'w', 0o600)
  try {
    writeSync(handle, `${HEAD} ${line}\n`)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(draft, file)
  syncDirectory(dirname(file))
}

/** Makes a rename in the directory survive a power cut; Windows has no such call and needs none. */
function syncDirectory(directory: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(directory, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

function measure(file: string): { sizeBytes: number; checksum: string } {
  const hash = new xxhash.XXHash3(Buffer.alloc(4))
  const chunk = Buffer.alloc(CHUNK_BYTES)
  const handle = openSync(file, 'r')
  try {
    for (;;) {
      const count = readSync(handle, chunk)
      if (count === 0) break
      hash.update(chunk.subarray(0, count))
    }
  } finally {
    closeSync(handle)
  }
  return { sizeBytes: statSync(file).size, checksum: hash.digest().toString('hex') }
}
