import type fc from 'fast-check'
import * as assert from 'uvu/assert'
import { Admin } from './admin.js'
import { Client } from './client.js'
import { ALL, Scene, STEADY } from './scene.js'
import type { Script } from './script.js'
import { Theatre } from './theatre.js'
import { checkPlaces } from './whereabouts.js'

/** Plays a script in the scheduler's order, and holds what was answered against the model. */
export async function play(scheduler: fc.Scheduler, script: Script): Promise<void> {
  const { seed, nodes } = script
  const theatre = await Theatre.open(scheduler, seed, { nodes, memory: nodes * 2 ** 21 })
  try {
    await theatre.run(perform(theatre, script))
  } catch (error) {
    await theatre.close().catch(() => {}) // the first thing that went wrong is told
    throw error
  }
  await theatre.close()
}

async function perform(theatre: Theatre, script: Script): Promise<void> {
  const { replicas, tier, clients, admin } = script
  const scene = new Scene(theatre, await theatre.engine.createBucket('b', { replicas, tier }))
  const operator = new Admin(scene, tier === 'economy')
  const first = new Client(scene, 0)
  await Promise.all(STEADY.map((key) => first.put(key, 'any', 0)))
  await Promise.all([
    ...clients.map((steps, i) => new Client(scene, i + 1).act(steps)),
    operator.act(admin),
  ])
  operator.mend()
  await still(scene)
  for (const key of ALL) {
    scene.read(0, key)
  }
  checkEnd(scene)
  scene.judge()
}

/** Resolves when all changes have come to their end. */
async function still({ theatre, fails }: Scene): Promise<void> {
  const { engine } = theatre
  for (;;) {
    const open = engine.migrations().filter((one) => !one.hasEnded)
    if (open.length === 0) break
    await Promise.all(open.map((one) => one.done))
    await new Promise((resolve) => setImmediate(resolve))
  }
  for (const migration of engine.migrations()) {
    const { id, state, problem } = migration.receipt()
    // A change that waited may have become impossible.
    const isMoot = /is the last one|there is no node|no space left/.test(problem ?? '')
    assert.ok(state !== 'failed' || fails > 0 || isMoot, `${id}: ${problem}`)
  }
  if (engine['cluster'].before !== undefined) {
    await (await engine.addNode()).done // brings to its end what a full disk has left
  }
}

function checkEnd({ theatre, bucket }: Scene): void {
  const { engine } = theatre
  assert.is(engine['cluster'].before, undefined, 'keys still move')
  checkPlaces(engine, bucket, ALL)
  const up = [...engine['cluster'].all].map((node) => node.id).sort()
  const members = engine.ring.members.map(({ id }) => id).sort()
  assert.is(`${up}`, `${members}`, 'nodes that are up')
}
