import type { ServerResponse } from 'node:http'
import { endWithText } from './short-body.js'

const FIRST_BYTES = 65_536
/** Node writes so much, the head with it, from its stack; more than that it allocates anew. */
const MAX_TEXT_LENGTH = 15_872

/** Node's unchecked decoder, which its types leave out. */
type Slices = Buffer & { latin1Slice(start: number, end: number): string }

/** Kept for the next draft where an answer went out as a string. */
let spare: Buffer | undefined

/**
 * An answer's body in the making: values go straight from a node's memory to the place that they are
 * sent from.
 */
export class Draft {
  bytes: Buffer
  /** Where to go on. */
  at = 0
  private readonly limitBytes: number
  private readonly tooLarge: () => Error

  constructor(limitBytes: number, tooLarge: () => Error) {
    this.bytes = spare ?? Buffer.allocUnsafeSlow(FIRST_BYTES)
    spare = undefined
    this.limitBytes = limitBytes
    this.tooLarge = tooLarge
  }

  /** Sees to it that so much more fits; throws where that is over the limit. */
  reserve(sizeBytes: number): void {
    const { bytes, at, limitBytes } = this
    if (at + sizeBytes <= bytes.length) return
    if (at + sizeBytes > limitBytes) throw this.tooLarge()
    const larger = Math.min(limitBytes, Math.max(at + sizeBytes, bytes.length * 2))
    this.bytes = Buffer.allocUnsafeSlow(larger)
    bytes.copy(this.bytes) // all of it: what is being added lies behind `at`
  }

  write(text: string): void {
    const isSureToFit = this.at + text.length * 3 <= this.bytes.length
    if (!isSureToFit) this.reserve(Buffer.byteLength(text))
    this.at += this.bytes.utf8Write(text, this.at)
  }

  /** Ends the answer. The draft is not to be used any more. */
  send(res: ServerResponse, type: string): void {
    const { bytes, at } = this
    res.writeHead(200, ['Content-Type', type, 'Content-Length', String(at)])
    if (at > MAX_TEXT_LENGTH) {
      res.end(bytes.subarray(0, at))
      return
    }
    endWithText(res, (bytes as Slices).latin1Slice(0, at))
    spare = bytes
  }
}
