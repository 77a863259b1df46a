import { suite } from 'uvu'
import { Stage } from './model.js'

const test = suite('model of an engine')
const isSoak = process.env['ANNULUS_SOAK'] === '1'
const histories = Number(process.env['ANNULUS_HISTORIES'] ?? (isSoak ? 10_000 : 60))
const STEPS = 120

for (const kind of ['inline', 'worker'] as const) {
  test(`${histories / 2} histories against a Map with deadlines, ${kind}`, async () => {
    const stage = await Stage.open(kind)
    try {
      for (let seed = 1; seed <= histories / 2; seed++) {
        await stage.play(seed, STEPS)
      }
    } finally {
      await stage.engine.close()
    }
  })
}

test.run()
