/**
 * `node replay-child.js SEED LENGTH brisk|halting`: plays the script of that seed and prints what each
 * call came to. Halting, timers have their turn between the calls.
 */
import { setTimeout as pass } from 'node:timers/promises'
import { play } from './play.js'
import { scriptOf } from './script.js'

const [seed, length] = process.argv.slice(2, 4).map(Number)
const isHalting = process.argv[4] === 'halting'

const lines = await play(seed, scriptOf(seed, length), async (step) => {
  if (isHalting) await pass(step % 100 === 0 ? 260 : 1)
})
process.stdout.write(`${lines.join('\n')}\n`)
