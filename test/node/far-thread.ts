/** A thread that writes to a node of another one, and has nothing else to live for. */
import { workerData } from 'node:worker_threads'
import { systemClock } from '../../src/clock.js'
import { FarNode } from '../../src/node/far-node.js'
import { Desk } from './desk.js'

export interface Errand {
  readonly memory: SharedArrayBuffer
  readonly mailbox: SharedArrayBuffer
  readonly baseMs: number
  readonly prefix: string
  readonly puts: number
  /** End in the middle of a turn, with orders laid down that nobody was shown. */
  readonly isCutShort: boolean
}

const { memory, mailbox, baseMs, prefix, puts, isCutShort } = workerData as Errand
const LONG = { value: 'v'.repeat(500) }
const desk = new Desk(new FarNode({ id: 'n1', memory, mailbox, clock: systemClock, baseMs }))
for (let n = 0; n < puts; n++) {
  await desk.ask(`${prefix}${n}`, { value: `${n}` })
  if (n % 10 === 0) {
    await Promise.all(Array.from({ length: 300 }, (_, i) => desk.ask(`${prefix} ${i}`, LONG)))
  }
}
if (isCutShort) {
  desk.submit(`${prefix} never`, { value: 'seen' })
  process.exit()
}
