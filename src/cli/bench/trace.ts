import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { CacheError } from '../../errors.js'
import { formats, looksLike, type TraceFormat, type TraceRequest } from './trace-format.js'

/**
 * Streams the requests of a cache trace, gzipped or plain. The file is read once from its start and
 * never held in memory. Give no format to have it told from the name and the first bytes.
 */
export async function* readTrace(path: string, format?: TraceFormat): AsyncGenerator<TraceRequest> {
  for await (const batch of readTraceBatches(path, format)) yield* batch
}

/** The same requests in batches, for who cannot afford a promise for each. */
export async function* readTraceBatches(
  path: string,
  format?: TraceFormat,
): AsyncGenerator<TraceRequest[]> {
  const bytes = await readBytes(path)
  const chunks = bytes[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  try {
    let { value: chunk, done } = await chunks.next()
    if (done) throw unreadable(path, 'is empty')
    const known = format ?? looksLike(basename(path), chunk)
    if (known === undefined) {
      const names = Object.keys(formats).join(', ')
      throw unreadable(path, `is of no format that can be told from it: name one (${names})`)
    }
    const decode = formats[known]()
    let line = 0
    while (!done) {
      const { requests, records } = attempt(path, line, () => decode.take(chunk))
      line += records
      if (requests.length > 0) yield requests
      ;({ value: chunk, done } = await chunks.next())
    }
    const rest = attempt(path, line, () => decode.end())
    if (rest.requests.length > 0) yield rest.requests
  } catch (error) {
    if (error instanceof CacheError) throw error
    throw unreadable(path, `cannot be read: ${error instanceof Error ? error.message : error}`)
  } finally {
    bytes.destroy()
  }
}

function attempt<T>(path: string, records: number, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    const after = records === 0 ? '' : `, after ${records} good records`
    throw unreadable(path, `${error instanceof Error ? error.message : error}${after}`)
  }
}

/** Two magic bytes, and not the name, say whether a file is gzipped. */
async function readBytes(path: string) {
  let gzipped: boolean
  try {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0)
      gzipped = bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b
    } finally {
      await file.close()
    }
  } catch (error) {
    throw unreadable(path, `cannot be read: ${error instanceof Error ? error.message : error}`)
  }
  const plain = createReadStream(path, { highWaterMark: 256 * 1024 })
  if (!gzipped) return plain
  const unpacked = createGunzip({ chunkSize: 256 * 1024 })
  // An error of either stream reaches the reader of the last one.
  return pipeline(plain, unpacked, () => undefined)
}

function unreadable(path: string, what: string): CacheError {
  return new CacheError('invalid_option', `--trace: ${path} ${what}`)
}
