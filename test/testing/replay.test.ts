import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runChild } from '../child.js'

const test = suite('replay')
const child = fileURLToPath(new URL('./replay-child.js', import.meta.url))
const LENGTH = 400

async function transcript(seed: number, manner: 'brisk' | 'halting'): Promise<string[]> {
  const args = [child, `${seed}`, `${LENGTH}`, manner]
  const { code, output } = await runChild(process.execPath, args, { timeoutMs: 60_000 })
  assert.is(code, 0, output)
  return output.trimEnd().split('\n')
}

/** Also another one each time: a failure names it. */
for (const seed of [1, Math.floor(Math.random() * 2 ** 31)]) {
  test(`the script of seed ${seed} comes to the same in every process`, async () => {
    const [one, other] = await Promise.all([transcript(seed, 'brisk'), transcript(seed, 'halting')])
    assert.is(one.length, LENGTH + 2)
    for (const [n, line] of one.entries()) assert.is(other[n], line, `seed ${seed}, line ${n}`)
  })
}

test.run()
