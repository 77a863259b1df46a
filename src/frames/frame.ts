/**
 * The binary form of batches, beside JSON; docs/http-api.md shows it byte by byte. Everything here runs
 * wherever there are typed arrays: a client shares it with the server. Numbers are little-endian.
 */
export const FRAME_TYPE = 'application/vnd.annulus.batch'

/** Of a request, and of an answer; in JSON as well. */
export const MAX_BATCH_BYTES = 16 * 2 ** 20
export const MAX_BATCH_KEYS = 1_000

/** The first byte: what a frame holds. The count follows in all of them. */
export const KEYS = 0x01
export const ITEMS = 0x02
export const PREFIX = 0x03
export const VALUES = 0x81
export const OUTCOMES = 0x82
export const COUNT = 0x83

/** Kind and count. */
export const HEAD_BYTES = 5

const NAMES: { readonly [kind: number]: string | undefined } = {
  [KEYS]: 'keys (1)',
  [ITEMS]: 'items (2)',
  [PREFIX]: 'a prefix (3)',
  [VALUES]: 'values (129)',
  [OUTCOMES]: 'outcomes (130)',
  [COUNT]: 'a count (131)',
}

/** Bytes that are no frame, or not the one that is wanted. */
export class FrameError extends Error {
  /** Of the item that is wrong, if it is one. */
  readonly index: number | undefined

  constructor(what: string, at: number, index?: number) {
    super(`byte ${at}: ${what}`)
    this.name = 'FrameError'
    this.index = index
  }
}

/** Makes text of bytes; throws where they are no UTF-8. */
export type TextOf = (bytes: Uint8Array, from: number, to: number) => string

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function textOf(bytes: Uint8Array, from: number, to: number): string {
  return utf8.decode(bytes.subarray(from, to))
}

/** Reads a frame from its first byte to its last, and no further. */
export class FrameReader {
  readonly bytes: Uint8Array
  at = 0
  /** Of the item that is being read. */
  index: number | undefined = undefined

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** The count of a frame, which has to be of one of these kinds. */
  head(...kinds: readonly number[]): number {
    const kind = this.u8('the kind of frame')
    if (!kinds.includes(kind)) {
      const wanted = kinds.map((one) => NAMES[one]).join(' or ')
      throw new FrameError(`the frame holds ${NAMES[kind] ?? `kind ${kind}`}, not ${wanted}`, 0)
    }
    return this.u32('the count')
  }

  u8(what: string): number {
    return this.bytes[this.take(1, what)]
  }

  u16(what: string): number {
    const at = this.take(2, what)
    return this.bytes[at] | (this.bytes[at + 1] << 8)
  }

  u32(what: string): number {
    const at = this.take(4, what)
    return readU32(this.bytes, at)
  }

  /** Beyond 2^53 not exact, which is far beyond all that is valid. */
  u64(what: string): number {
    const at = this.take(8, what)
    return readU32(this.bytes, at + 4) * 2 ** 32 + readU32(this.bytes, at)
  }

  /** Where the next `length` bytes begin; goes on behind them. */
  take(length: number, what: string): number {
    const { at, bytes } = this
    if (length > bytes.length - at) {
      const left = bytes.length - at
      throw new FrameError(`${what} takes ${length}, of which ${left} are there`, at, this.index)
    }
    this.at = at + length
    return at
  }

  text(length: number, what: string, toText: TextOf): string {
    const at = this.take(length, what)
    try {
      return toText(this.bytes, at, at + length)
    } catch {
      throw new FrameError(`${what} is no UTF-8`, at, this.index)
    }
  }

  end(): void {
    const left = this.bytes.length - this.at
    if (left > 0) throw new FrameError(`${left} more than the frame should have`, this.at)
  }
}

export function writeHead(bytes: Uint8Array, kind: number, count: number): number {
  bytes[0] = kind
  return writeU32(bytes, 1, count)
}

/** Returns where to go on; so do all the others. */
export function writeU32(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value
  bytes[at + 1] = value >>> 8
  bytes[at + 2] = value >>> 16
  bytes[at + 3] = value >>> 24
  return at + 4
}

export function writeU64(bytes: Uint8Array, at: number, value: number): number {
  writeU32(bytes, at, value >>> 0)
  return writeU32(bytes, at + 4, Math.floor(value / 2 ** 32))
}

function readU32(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0
}
