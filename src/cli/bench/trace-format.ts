/** One access of a trace. A key is a number where a double holds it exactly, else its digits. */
export interface TraceRequest {
  readonly key: number | string
  /** Undefined where the trace does not tell. */
  readonly sizeBytes: number | undefined
}

export type TraceFormat = 'oltp' | 'lirs' | 'corda' | 'oracle'

/** What one chunk came to: its requests, and the records (lines) that were read for them. */
export interface Decoded {
  readonly requests: TraceRequest[]
  readonly records: number
}

export interface Decoder {
  take(chunk: Buffer): Decoded
  end(): Decoded
}

export const formats: Readonly<Record<TraceFormat, () => Decoder>> = {
  /** Megiddo and Modha's ARC traces: lines of `startBlock count ignore sequence`. */
  oltp: () => lines(oltpLine),
  /** The LIRS authors' traces: an integer a line; `*` and blank lines mean nothing. */
  lirs: () => lines(lirsLine),
  /** Caffeine's Corda traces: big-endian 64-bit keys, one after the other. */
  corda: () => records(8, (bytes, at) => request(bytes.readBigInt64BE(at), undefined)),
  /** libCacheSim's oracleGeneral, little-endian: u32 time, u64 id, u32 size, i64 next access. */
  oracle: () =>
    records(24, (bytes, at) => request(bytes.readBigUInt64LE(at + 4), bytes.readUInt32LE(at + 12))),
}

const MAX_BLOCKS_A_LINE = 1_000_000
const MAX_LINE = 1_024

function oltpLine(line: string, out: TraceRequest[]): void {
  const fields = line.split(/\s+/)
  const start = wholeNumber(fields[0])
  const count = wholeNumber(fields[1] ?? '')
  if (start === undefined || count === undefined || count > MAX_BLOCKS_A_LINE) {
    throw new Error(
      `holds the line ${JSON.stringify(line)}, not "startBlock count ignore sequence"`,
    )
  }
  for (let i = 0; i < count; i++) out.push({ key: start + i, sizeBytes: undefined })
}

function lirsLine(line: string, out: TraceRequest[]): void {
  if (line === '*') return
  const key = wholeNumber(line)
  if (key === undefined) throw new Error(`holds the line ${JSON.stringify(line)}, not an integer`)
  out.push({ key, sizeBytes: undefined })
}

function wholeNumber(text: string): number | undefined {
  const value = /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(value) ? value : undefined
}

function request(id: bigint, sizeBytes: number | undefined): TraceRequest {
  const exact = id <= Number.MAX_SAFE_INTEGER && id >= -Number.MAX_SAFE_INTEGER
  return { key: exact ? Number(id) : id.toString(), sizeBytes }
}

/** Lines across chunk borders, blank ones left out. */
function lines(read: (line: string, out: TraceRequest[]) => void): Decoder {
  let rest = ''
  function decode(text: string): Decoded {
    const requests: TraceRequest[] = []
    const parts = text.split('\n')
    rest = parts.pop() ?? ''
    if (rest.length > MAX_LINE) throw new Error('holds a line that is too long for a trace')
    for (const part of parts) {
      const line = part.trim()
      if (line !== '') read(line, requests)
    }
    return { requests, records: parts.length }
  }
  return {
    take: (chunk) => decode(rest + chunk.toString('latin1')),
    end: () => decode(`${rest}\n`),
  }
}

/** Records of a fixed width across chunk borders. */
function records(width: number, read: (bytes: Buffer, at: number) => TraceRequest): Decoder {
  let rest: Buffer = Buffer.alloc(0)
  return {
    take(chunk) {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      const requests: TraceRequest[] = []
      let at = 0
      for (; at + width <= bytes.length; at += width) requests.push(read(bytes, at))
      rest = bytes.subarray(at)
      return { requests, records: requests.length }
    },
    end() {
      if (rest.length > 0) throw new Error(`ends within a record of ${width} bytes`)
      return { requests: [], records: 0 }
    },
  }
}

/** Tells a format from a file's name and its first bytes; undefined where neither is plain. */
export function looksLike(name: string, head: Buffer): TraceFormat | undefined {
  if (/oracle_?general/i.test(name)) return 'oracle'
  if (/corda/i.test(name)) return 'corda'
  const start = head.toString('latin1', 0, 4_096)
  if (/^[\s0-9*]+$/.test(start)) {
    const first = start.split('\n').find((line) => /[0-9]/.test(line)) ?? ''
    const fields = first.trim().split(/\s+/).length
    return fields === 1 ? 'lirs' : fields === 4 ? 'oltp' : undefined
  }
  return looksLikeOracle(head) ? 'oracle' : undefined
}

/** Times that never fall and sizes that are not absurd, over the records at hand. */
function looksLikeOracle(head: Buffer): boolean {
  const count = Math.min(64, Math.floor(head.length / 24))
  let time = 0
  for (let i = 0; i < count; i++) {
    const next = head.readUInt32LE(i * 24)
    const size = head.readUInt32LE(i * 24 + 12)
    if (next < time || size === 0 || size > 2 ** 30) return false
    time = next
  }
  return count > 0
}
