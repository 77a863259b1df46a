import { Arena } from '../linear/arena.js'
import { record } from '../linear/record.js'
import { scenes } from '../linear/scenes.js'

const HISTORIES = Number(process.env['ANNULUS_HISTORIES'] ?? 500)
const FIRST_SEED = Number(process.env['ANNULUS_SEED'] ?? 1)
/** Histories of one server: then a fresh one, so that memory stays bounded. */
const EACH = 25
/** Every server has one more than the one before, and then one again. */
const MOST_ACCEPTORS = 4

/** Histories recorded at HTTP clients while the ring changes; throws where one cannot be explained. */
export async function soak(): Promise<string> {
  const settings = Object.entries(scenes).filter(([, { scene }]) => (scene.joins ?? 0) > 0)
  const totals = { operations: 0, lost: 0, refused: 0, done: 0, cancelled: 0, deaths: 0 }
  const wrong: number[] = []
  for (let from = 0; from < HISTORIES; from += EACH) {
    const [name, { scene, replicas, ...options }] = settings[(from / EACH) % settings.length]
    const first = FIRST_SEED + from
    const last = FIRST_SEED + Math.min(from + EACH, HISTORIES) - 1
    const started = performance.now()
    const acceptors = 1 + ((from / EACH) % MOST_ACCEPTORS)
    const arena = await Arena.open({ ...options, acceptors })
    try {
      for (let seed = first; seed <= last; seed++) {
        const { tally, changes, ...recording } = await record(arena, { seed, scene, replicas })
        totals.operations += tally.operations
        totals.lost += tally.lost
        totals.refused += Object.values(tally.refused).reduce((n, count) => n + count, 0)
        totals.done += changes.done
        totals.cancelled += changes.cancelled
        if (recording.faults.length === 0) continue
        wrong.push(seed)
        console.log(`${name}:\n${recording.faults.join('\n')}\n`)
      }
    } catch (error) {
      console.log(arena.output)
      throw error
    } finally {
      totals.deaths += arena.deaths
      await arena.close()
    }
    const seconds = ((performance.now() - started) / 1_000).toFixed(1)
    console.log(`seeds ${first} to ${last}, ${name}: ${wrong.length} wrong so far, ${seconds} s`)
  }
  if (wrong.length > 0) throw new Error(`not linearizable: seeds ${wrong.join(', ')}`)
  const { operations, lost, refused, done, cancelled, deaths } = totals
  return (
    `${HISTORIES} histories, ${operations} operations at HTTP clients, all linearizable, during ` +
    `${done} changes of the ring, ${cancelled} cancelled ones and ${deaths} deaths of workers; ` +
    `${lost} answers lost, ${refused} refused`
  )
}
