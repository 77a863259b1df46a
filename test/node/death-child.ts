/** Lets a node's workers die as its first argument says, and prints what came of it as JSON. */
import { setTimeout as pass } from 'node:timers/promises'
import { Piscina } from 'piscina'
import { systemClock } from '../../src/clock.js'
import { CacheError } from '../../src/errors.js'
import { WorkerNode } from '../../src/node/worker-node.js'
import { OP_DELETE, OP_PUT } from '../../src/store/order.js'
import { Chance } from '../store/chance.js'
import { DIED, EXIT_BYTES, OOM_BYTES, THROW_BYTES } from './death-preload.js'
import { Desk } from './desk.js'

const KEYS = 200
const [way = '', seconds = '1', seed = '1'] = process.argv.slice(2)
const chance = new Chance(Number(seed))
let pool: Piscina | undefined
const run = Piscina.prototype.run
Piscina.prototype.run = function (...args: Parameters<typeof run>) {
  if (typeof args[0] === 'object') pool = this // the others stand by
  return run.apply(this, args)
}

let deaths = 0
const node = new WorkerNode({
  id: 'n1',
  memoryBytes: 4 * 2 ** 20,
  spaces: 8,
  clock: systemClock,
  baseMs: Date.now(),
  maxValueBytes: 100_000,
  onDeath: () => deaths++,
})
const desk = new Desk(node)
const report: Record<string, unknown> = {}

async function kill(): Promise<void> {
  const before = deaths
  if (way === 'terminate') {
    for (const worker of pool?.threads ?? []) await worker.terminate()
  } else {
    const length = { throw: THROW_BYTES, exit: EXIT_BYTES, oom: OOM_BYTES }[way] ?? 0
    new Int32Array(node.memory)[DIED] = 0
    await desk.ask('deadly', { value: 'x'.repeat(length) })
  }
  while (deaths === before) await pass(1)
}

/** Puts and deletes at random, in bursts, while workers die; nothing may be lost or come back. */
async function storm(): Promise<void> {
  await desk.prepare()
  const last = new Map<string, string | undefined>()
  const until = performance.now() + Number(seconds) * 1_000
  let orders = 0
  let killing = Promise.resolve()
  let kills = 0
  while (performance.now() < until || kills < 2) {
    const burst = Array.from({ length: 1 + chance.below(400) }, () => {
      const key = `k${chance.below(KEYS)}`
      const isDelete = chance.once(4)
      const value = `${orders++} ${'v'.repeat(chance.below(300))}`
      last.set(key, isDelete ? undefined : value)
      return desk.submit(key, { op: isDelete ? OP_DELETE : OP_PUT, value })
    })
    if (chance.once(20) && kills < 4) {
      kills++
      killing = killing.then(kill)
    }
    await desk.ledger.answer(burst[burst.length - 1])
  }
  await killing
  Object.assign(report, { orders, kills, wrong: wrongIn(last) })
  await desk.ask('after', { value: 'all' })
  report['goesOn'] = desk.text('after') === 'all'
  report['isInOrder'] = desk.ledger.order.every((index, at) => index === at)
}

function wrongIn(last: Map<string, string | undefined>): string[] {
  return [...last].filter(([key, value]) => desk.text(key) !== value).map(([key]) => key)
}

/** A worker that dies while nothing is under way. */
async function idle(): Promise<void> {
  await desk.prepare()
  await desk.ask('k', { value: 'v' })
  await kill()
  report['read'] = desk.text('k')
  await desk.ask('k', { value: 'w' })
  report['reread'] = desk.text('k')
}

/** A worker whose thread ends before it has begun. */
async function early(): Promise<void> {
  await kill()
  await desk.prepare()
  await desk.ask('k', { value: 'v' })
  report['read'] = desk.text('k')
}

/** Orders that kill every worker which meets them. */
async function poison(): Promise<void> {
  await desk.prepare()
  await desk.ask('k', { value: 'v' })
  const first = desk.submit('', { op: 200 })
  desk.submit('k', { value: 'w' })
  desk.submit('', { op: 200 })
  desk.submit('k', { value: 'x' })
  for (let number = first; number < first + 4; number++) {
    const answer = await desk.ledger.answer(number).catch((cause: unknown) => cause)
    report[`order ${number - first}`] = answer instanceof Error ? codeOf(answer) : answer
    report[`deaths ${number - first}`] = deaths
  }
  try {
    desk.submit('k')
  } catch (error) {
    report['late'] = codeOf(error)
  }
  report['read'] = desk.text('k')
}

/** What an idle node costs: CPU time of the whole process. */
async function rest(): Promise<void> {
  await desk.prepare()
  await pass(500)
  const before = process.cpuUsage()
  await pass(2_000)
  const { user, system } = process.cpuUsage(before)
  report['percent'] = (user + system) / 20_000
}

function codeOf(error: unknown): unknown {
  return error instanceof CacheError ? [error.code, error.maybeStored] : String(error)
}

const scenes: Record<string, () => Promise<void>> = { poison, rest, idle, early }
await (scenes[process.argv[5] ?? way] ?? storm)()
report['deaths'] = deaths
report['stateBefore'] = node.state
await node.close()
report['state'] = node.state
console.log(JSON.stringify(report))
