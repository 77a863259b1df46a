/**
 * Lets a node's workers die again and again under load, in all ways, and prints what came of it as
 * JSON. Arguments: deaths, seed, items that lie there beforehand, the least time between two deaths.
 */
import { setTimeout as pass, setImmediate as turn } from 'node:timers/promises'
import { Piscina } from 'piscina'
import { systemClock } from '../../src/clock.js'
import { FarNode } from '../../src/node/far-node.js'
import { WorkerNode } from '../../src/node/worker-node.js'
import { IF_VERSION, OP_DELETE, OP_PUT, REPLACED } from '../../src/store/order.js'
import { Chance } from '../store/chance.js'
import { DIE_AFTER, DIE_HOW, WAYS } from './death-preload.js'
import { Desk } from './desk.js'

const KEYS = 300
const FILL_AT_ONCE = 1_000
const [deathsWanted = '8', seed = '1', items = '0', apartMs = '0'] = process.argv.slice(2)
const chance = new Chance(Number(seed))
let pool: Piscina | undefined
const run = Piscina.prototype.run
Piscina.prototype.run = function (...args: Parameters<typeof run>) {
  if (typeof args[0] === 'object') pool = this // the others stand by
  return run.apply(this, args)
}

interface Death {
  readonly way: string
  /** When the first answer after it came, in ms since the last one before, and since it was known. */
  pauseMs: number
  knownMs: number
}

const deaths: Death[] = []
const wrong: string[] = []
let way = ''
let knownAt = 0
const node = new WorkerNode({
  id: 'n1',
  memoryBytes: 24 * 2 ** 20 + Number(items) * 240,
  spaces: 64,
  clock: systemClock,
  baseMs: Date.now(),
  maxValueBytes: 100_000,
  writers: 1,
  maxDeaths: Number.POSITIVE_INFINITY,
  onDeath: () => {
    knownAt = performance.now()
    deaths.push({ way, pauseMs: 0, knownMs: 0 })
  },
})
const desk = new Desk(node)
/** A second producer. That it is of the same thread makes no difference to the worker. */
const far = new FarNode({
  id: 'n1',
  memory: node.memory,
  mailbox: node.mailboxes[0],
  clock: systemClock,
  baseMs: node.baseMs,
})
const farDesk = new Desk(far)
const words = new Int32Array(node.memory)
let isOver = false
let orders = 0
let counted = 0

/** Last serial number submitted, answered and seen by key; a delete has one as well. */
const submitted = new Map<string, { serial: number; isDelete: boolean }>()
const answered = new Map<string, number>()
const seen = new Map<string, number>()

async function fill(): Promise<void> {
  for (let n = 0; n < Number(items); ) {
    let last = 0
    for (let i = 0; i < FILL_AT_ONCE; i++, n++) last = desk.submit(`item ${n}`, { value: FILLING })
    await desk.ledger.answer(last)
    forget(desk)
  }
}

const FILLING = 'v'.repeat(100)

function forget({ ledger }: Desk): void {
  ledger.answers.clear()
  ledger.order.length = 0
}

/** Bursts of puts and deletes; each answered one must be what a reader finds, or a later one. */
async function write(by: Desk, prefix: string): Promise<void> {
  while (!isOver) {
    const burst = new Map<string, number>()
    let last = 0
    for (let n = chance.below(60); n >= 0; n--) {
      const key = `${prefix}${chance.below(KEYS)}`
      const isDelete = chance.once(5)
      const serial = ++orders
      const length = chance.once(200) ? 30_000 : chance.below(300)
      const value = `${key} ${serial} ${String(length)} ${'v'.repeat(length)}`
      submitted.set(key, { serial, isDelete })
      const deadline = chance.once(4) ? Date.now() + 10_000_000 : undefined
      const wish = { op: isDelete ? OP_DELETE : OP_PUT, value: isDelete ? '' : value }
      last = by.submit(key, deadline === undefined ? wish : { ...wish, deadline })
      burst.set(key, serial)
    }
    await by.ledger.answer(last)
    for (const [key, serial] of burst) answered.set(key, serial)
    forget(by)
    await turn()
  }
}

/**
 * Both writers count in one key, each on the condition of the version that it has read: an order that
 * is carried out twice, or not at all, makes the sum of the answers differ from what stands there.
 */
async function count(by: Desk): Promise<void> {
  while (!isOver) {
    const found = readCount()
    if (found !== undefined) {
      const wish = { condition: IF_VERSION, version: found.version, value: `${found.count + 1}` }
      const { outcome } = await by.ask('count', wish)
      if (outcome === REPLACED) counted++
    }
    await turn()
  }
}

function readCount(): { version: number; count: number } | undefined {
  try {
    const found = desk.find('count')
    return found && { version: found.version, count: Number(found.value.toString()) }
  } catch {
    return undefined // its line was caught open
  }
}

/** Looks at keys all the time: values are whole, and never older than one seen or answered. */
async function read(): Promise<void> {
  while (!isOver) {
    for (let n = 0; n < 20; n++) look(`${chance.pick(['k', 'f'])}${chance.below(KEYS)}`)
    await turn()
  }
}

function look(key: string): void {
  const least = Math.max(seen.get(key) ?? 0, answered.get(key) ?? 0)
  const text = textOf(key)
  if (text === undefined || text === 'busy') {
    return // deleted, or its line was caught open
  }
  const [name, serial, length, value = ''] = text.split(' ')
  if (name !== key || value.length !== Number(length)) {
    wrong.push(`${key} is torn: ${text.slice(0, 40)}`)
  } else if (Number(serial) < least) {
    wrong.push(`${key} went back from ${least} to ${serial}`)
  }
  seen.set(key, Number(serial))
}

function textOf(key: string): string | undefined {
  try {
    return desk.text(key)
  } catch {
    return 'busy'
  }
}

/** One put at a time, all the time: the gap between two answers is what a death costs. */
async function probe(): Promise<void> {
  let before = performance.now()
  let counted = 0
  while (!isOver) {
    await desk.ask('probe', { value: 'p' }).catch(() => undefined)
    const now = performance.now()
    if (deaths.length > counted) {
      counted = deaths.length
      deaths[counted - 1].pauseMs = now - before
      deaths[counted - 1].knownMs = now - knownAt
    }
    before = now
    await turn()
  }
}

async function besiege(): Promise<void> {
  await pass(1_000)
  for (let n = 0; n < Number(deathsWanted); n++) {
    // A heap takes a while to fill: that way comes once in twenty times.
    way = chance.once(20) ? 'oom' : chance.pick(['terminate', 'throw', 'exit'])
    const before = deaths.length
    await pass(Number(apartMs) + chance.below(60))
    if (way === 'terminate') {
      for (const worker of pool?.threads ?? []) await worker.terminate()
    } else {
      words[DIE_HOW] = WAYS.indexOf(way as (typeof WAYS)[number])
      words[DIE_AFTER] = 1 + chance.below(2_000)
    }
    while (deaths.length === before || deaths[before].pauseMs === 0) await pass(1)
  }
}

await desk.prepare()
await fill()
await desk.ask('count', { value: '0' })
const busy = [write(desk, 'k'), write(farDesk, 'f'), count(desk), count(farDesk), read(), probe()]
await besiege()
isOver = true
await Promise.all(busy)
for (const [key, { serial, isDelete }] of submitted) {
  const text = textOf(key)
  const isRight = isDelete ? text === undefined : text?.startsWith(`${key} ${serial} `)
  if (isRight !== true) wrong.push(`${key} should be ${serial}, is ${text?.slice(0, 40)}`)
}
if (readCount()?.count !== counted) wrong.push(`counted ${counted}, not ${readCount()?.count}`)
const state = node.state
await far.close()
await node.close()
console.log(JSON.stringify({ deaths, orders, wrong: wrong.slice(0, 20), state }))
