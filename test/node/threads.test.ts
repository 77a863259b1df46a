import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runChild } from '../child.js'
import { buildFolder } from '../scratch.js'

const test = suite('threads of workers')

test('a process whose nodes are open, and a spare thread with them, ends by itself once they are closed', async () => {
  const program = `
    const { WorkerNode } = await import('${buildFolder}/src/node/worker-node.js')
    const { systemClock } = await import('${buildFolder}/src/clock.js')
    const node = (id) => new WorkerNode({ id, memoryBytes: 2 ** 20, spaces: 4,
      clock: systemClock, baseMs: Date.now(), maxValueBytes: 1_000 })
    const nodes = [node('n1'), node('n2')]
    await new Promise((resolve) => setTimeout(resolve, 1_200)) // until the spare stands by
    await Promise.all(nodes.map((one) => one.close()))
    console.log('closed')`
  const { code, timedOut, output } = await runChild(
    process.execPath,
    ['--input-type=module', '-e', program],
    { timeoutMs: 20_000 },
  )
  assert.is(timedOut, false, output)
  assert.is(code, 0, output)
  assert.match(output, 'closed')
})

test.run()
