import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Arena } from './arena.js'
import { openFront } from './front.js'
import { type Recording, record } from './record.js'
import { scenes } from './scenes.js'

const test = suite('linearizability at HTTP clients')

function report(recordings: readonly Recording[], started: number): void {
  const sum = (of: (one: Recording) => number) => recordings.reduce((n, one) => n + of(one), 0)
  const seeds = recordings.map((one) => one.seed).join(', ')
  const calls = sum((one) => one.tally.operations)
  const seconds = ((performance.now() - started) / 1_000).toFixed(1)
  console.log(`seeds ${seeds}: ${calls} operations, ${seconds} s`)
  const faults = recordings.flatMap((one) => one.faults)
  if (faults.length > 0) console.log(faults.join('\n'))
  assert.is(faults.length, 0, 'histories that no order explains')
}

for (const [name, { scene, replicas, histories, ...options }] of Object.entries(scenes)) {
  test(name, async () => {
    const started = performance.now()
    const arena = await Arena.open(options)
    try {
      const recordings: Recording[] = []
      for (let seed = 1; seed <= histories; seed++) {
        recordings.push(await record(arena, { seed, scene, replicas, calls: 40 }))
      }
      report(recordings, started)
      const deaths = histories * (scene.deaths ?? 0)
      assert.ok(arena.deaths >= deaths / 2, `${arena.deaths} workers died`)
    } catch (error) {
      console.log(arena.output)
      throw error
    } finally {
      await arena.close()
    }
  })
}

test('a front that lies now and then is found out, one that does not is not', async () => {
  const arena = await Arena.open({ acceptors: 1 })
  try {
    for (const lie of ['none', 'old answer', 'lost delete', 'miss'] as const) {
      const front = await openFront(arena.port, lie, 1)
      const { port } = front
      const recording = await record(arena, { seed: 1, scene: {}, replicas: [0], port })
      await front.close()
      const [fault = 'right'] = recording.faults
      console.log(`a front that lies: ${lie}, ${front.lies()} times: ${fault}`)
      assert.is(front.lies() > 0, lie !== 'none')
      assert.match(fault, lie === 'none' ? /^right$/ : /not linearizable/)
    }
  } finally {
    await arena.close()
  }
})

test.run()
