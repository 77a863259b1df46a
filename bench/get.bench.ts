/**
 * Reads in one thread: 1M items at random and 1,000 hot ones, with the key's string made anew for
 * each lookup, as a request brings it, and with the very strings that were put. A `Map` neither
 * hashes nor compares the latter: both are shown.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { FULL } from './effort.js'
import type { Ask } from './get-child.js'
import { type StoreName, stores } from './get-stores.js'
import { type Contestant, type Figures, interleave, medianOf } from './rounds.js'
import type { Bar, Row } from './row.js'

const CHILD_FILE = fileURLToPath(new URL('./get-child.js', import.meta.url))
const WARM_ROUNDS = 1
const ANEW = 'keys made anew'
const SAME = 'the same strings'
const MAKING = 'making the key alone'

/** Of lru-cache's time, for keys made anew. */
const CHOICES = [
  { hot: false, name: '1M at random', aims: { bytes: 0.45, text: 0.4 } },
  { hot: true, name: '1,000 hot', aims: { bytes: 1.2, text: 1 } },
] as const
type Choice = (typeof CHOICES)[number]

export async function getRows({ rounds } = FULL): Promise<Row[]> {
  const names = Object.keys(stores) as StoreName[]
  const children = names.map((name): [StoreName, ChildProcess] => [name, fork(CHILD_FILE, [name])])
  // Filled side by side: it takes a while, and nothing is measured yet.
  await Promise.all(children.map(([, child]) => answerOf(child)))
  const rows: Row[] = []
  for (const choice of CHOICES) {
    const anew = await contest(children, { hot: choice.hot, anew: true, onlyKeys: false }, rounds)
    const same = await contest(children, { hot: choice.hot, anew: false, onlyKeys: false }, rounds)
    rows.push(...anewRows(choice, anew), ...sameRows(choice, same))
  }
  for (const [, child] of children) {
    child.send('stop')
    await once(child, 'exit')
  }
  return rows
}

async function contest(
  children: readonly [StoreName, ChildProcess][],
  ask: Ask,
  rounds: number,
): Promise<Figures> {
  const contestants = children.map(([name, child]): Contestant => {
    return { name, run: () => tell(child, ask) }
  })
  if (ask.anew) {
    const [, child] = children[0]
    contestants.push({ name: MAKING, run: () => tell(child, { ...ask, onlyKeys: true }) })
  }
  await interleave(contestants, WARM_ROUNDS)
  return interleave(contestants, rounds)
}

async function tell(child: ChildProcess, ask: Ask): Promise<number> {
  child.send(ask)
  return Number(await answerOf(child))
}

function answerOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const gone = (code: number | null) => reject(new Error(`${child.spawnargs.at(-1)}: ${code}`))
    child.once('exit', gone)
    child.once('message', (message) => {
      child.off('exit', gone)
      resolve(message)
    })
  })
}

function anewRows({ name, aims }: Choice, figures: Figures): Row[] {
  const what = (store: string) => `${store}, ${name}, ${ANEW}`
  const ns = (store: string) => medianOf(figures, store)
  const making = ns(MAKING)
  const ours = (['bytes', 'text'] as const).flatMap((form): Row[] => {
    const atMost = aims[form]
    const [value, theirs] = [ns(`annulus ${form}`), ns(`lru-cache ${form}`)]
    const ratio = value / theirs
    const row = { bench: 'get', unit: 'ns', beside: `lru-cache ${form}` }
    const text = what(`annulus ${form}`)
    const less = { value: value - making, ratio: (value - making) / (theirs - making) }
    return [
      {
        ...row,
        what: text,
        value,
        ratio,
        aim: `<= ${atMost} ×`,
        met: ratio <= atMost,
        bar: barOf(`annulus ${form}`, name),
      },
      { ...row, what: `${text}, less the making`, ...less },
    ]
  })
  const beside = (store: string) => ({
    ...besideRow(figures, store, what),
    bar: barOf(store, name),
  })
  const peers = ['lru-cache bytes', 'lru-cache text', 'Map'].map(beside)
  const lmdb = beside('lmdb')
  return [
    ...ours,
    ...peers,
    { ...lmdb, aim: '<= 0.5 ×', met: ns('annulus bytes') / ns('lmdb') <= 0.5 },
    { bench: 'get', what: what(MAKING), value: making, unit: 'ns' },
  ]
}

function sameRows({ name }: Choice, figures: Figures): Row[] {
  const what = (store: string) => `${store}, ${name}, ${SAME}`
  const ours = ['annulus bytes', 'annulus text'].map((store): Row => {
    const value = medianOf(figures, store)
    const peer = store.replace('annulus', 'lru-cache')
    const ratio = value / medianOf(figures, peer)
    return { bench: 'get', what: what(store), value, unit: 'ns', ratio, beside: peer }
  })
  const peers = ['lru-cache bytes', 'lru-cache text', 'Map', 'lmdb']
  return [...ours, ...peers.map((store) => besideRow(figures, store, what))]
}

function besideRow(figures: Figures, store: string, what: (store: string) => string): Row {
  const value = medianOf(figures, store)
  const ours = store.endsWith('text') ? 'annulus text' : 'annulus bytes'
  const ratio = medianOf(figures, ours) / value
  return { bench: 'get', what: what(store), value, unit: 'ns', ratio, beside: 'ours / theirs' }
}

function barOf(store: string, choice: string): Bar {
  return { group: `${choice}, ${ANEW}`, label: store, isOurs: store.startsWith('annulus') }
}
