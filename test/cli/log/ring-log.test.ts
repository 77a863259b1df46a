import pino from 'pino'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ringLog } from '../../../src/cli/log/ring-log.js'
import { Engine } from '../../../src/engine/engine.js'

const test = suite('log of the ring')

interface Line {
  readonly level: number
  readonly msg: string
  readonly state?: string
  readonly migration?: string
  readonly node?: string
  readonly moved?: { readonly keys: number }
}

test('a node joins, leaves and goes bad: each state once, with amounts at the end', async () => {
  const lines: Line[] = []
  const logger = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) })
  const engine = await Engine.open({ kind: 'inline', nodes: 2, memory: '8mb', maxValue: '64kb' })
  try {
    const bucket = await engine.createBucket('b')
    for (let n = 0; n < 400; n++) await bucket.put(`k${n}`, 'v')
    engine.watch(ringLog(logger))
    const joining = await engine.addNode({ pace: 1 })
    const { moved } = await joining.done
    await (await engine.removeNode('n1', { pace: 1 })).done
    await engine.failNode('n2')
    const of = (id: string) => lines.filter(({ migration }) => migration === id)
    assert.equal(
      of(joining.id).map(({ state }) => state),
      ['queued', 'running', 'done'],
    )
    assert.equal(of(joining.id)[2].moved, moved)
    const left = lines.filter(({ node }) => node === 'n1')
    assert.ok(left.length > 0 && left.every(({ level }) => level === 30), 'leaving is no trouble')
    const bad = lines.filter(({ level, node }) => level === 40 && node === 'n2')
    assert.is(bad.length > 0, true, 'a node that goes bad is a warning')
    assert.ok(lines.some(({ msg }) => msg.startsWith('ring: ')))
  } finally {
    await engine.close()
  }
})

test.run()
