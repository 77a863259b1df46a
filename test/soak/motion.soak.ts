import { Engine } from '../../src/engine/engine.js'
import { ACTS, perform } from '../engine/motion/acts.js'
import { itemsOf } from '../engine/motion/whereabouts.js'

const PLAYS = Number(process.env['ANNULUS_HISTORIES'] ?? 5_000)
const KEYS = Number(process.env['ANNULUS_KEYS'] ?? 1_000_000)
const NODES = 4

/** Interleavings of motion against its model, and how much moves of a million keys. */
export async function soak(): Promise<string> {
  const seed = Number(process.env['ANNULUS_SEED'] ?? Date.now() % 2 ** 31)
  console.log(`seed ${seed}`)
  for (const act of Object.keys(ACTS) as (keyof typeof ACTS)[]) {
    await perform(act, PLAYS, seed)
    console.log(`${act}: ${PLAYS} plays`)
  }
  return movement()
}

/** One node more: at most 1.1 / (N + 1) of the keys move, as planned, all of them to the newcomer. */
async function movement(): Promise<string> {
  await using engine = await Engine.open({
    kind: 'inline',
    nodes: NODES,
    memory: NODES * 160 * KEYS,
    movePace: 1,
  })
  const bucket = await engine.createBucket('b')
  for (let from = 0; from < KEYS; from += 1_000) {
    await bucket.putMany(
      Array.from({ length: 1_000 }, (_, n) => [`k${from + n}`, `value of k${from + n}`]),
    )
  }
  const before = new Set(itemsOf(engine).keys())
  const { planned, moved, durationMs } = await (await engine.addNode()).done
  const after = itemsOf(engine)
  const changed = [...after.keys()].filter((place) => !before.has(place))
  const share = moved.keys / KEYS
  const [given, wanted] = [JSON.stringify(moved), JSON.stringify(planned)]
  if (given !== wanted) throw new Error(`moved ${given}, planned ${wanted}`)
  if (after.size !== KEYS || changed.length !== moved.keys) {
    throw new Error(`${after.size} items, ${changed.length} at another place`)
  }
  if (changed.some((place) => !place.startsWith(`n${NODES + 1}/`))) {
    throw new Error('a key moved between nodes that both were there')
  }
  if (share > 1.1 / (NODES + 1)) throw new Error(`${moved.keys} of ${KEYS} keys moved`)
  const percent = (share * 100).toFixed(2)
  return `${KEYS} keys, a node more than ${NODES}: ${percent} % moved in ${durationMs} ms, as planned`
}
