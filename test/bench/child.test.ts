import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as pass } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runInChild } from '../../bench/child.js'
import { TRIAL } from '../../bench/effort.js'

const test = suite('bench/child')
const LIMIT_MS = 20_000

function module(run: string) {
  return { name: run, file: '../test/bench/modules.js', run }
}

test('a benchmark gives its rows, and is told how much to do', async () => {
  const outcome = await runInChild(module('rows'), TRIAL, LIMIT_MS)
  const row = { bench: 'b', what: 'rounds', value: TRIAL.rounds, unit: '' }
  assert.equal(outcome, { rows: [row] })
})

test('one that throws, gives nonsense, is not there or takes too long is a failure', async () => {
  const failures = await Promise.all(
    ['throws', 'nonsense', 'absent', 'ends'].map((run) => runInChild(module(run), TRIAL, LIMIT_MS)),
  )
  assert.equal(failures[0], { failure: 'on purpose' })
  assert.match(JSON.stringify(failures[1]), 'something else than rows')
  assert.match(JSON.stringify(failures[2]), 'exports no absent()')
  assert.equal(failures[3], { failure: 'ended with 3 and without rows' })
  assert.equal(await runInChild(module('hangs'), TRIAL, 500), {
    failure: 'did not end within 0.5 s',
  })
})

test('what a benchmark started and wrote is gone after it', async () => {
  const outcome = await runInChild(module('leaves'), TRIAL, LIMIT_MS)
  assert.ok('rows' in outcome)
  const [{ value: pid, what: folder }] = outcome.rows
  assert.not.ok(existsSync(folder), folder)
  while (isRunning(pid)) await pass(10) // it was told to end; the test's watchdog waits no longer
})

/** A process that has ended may wait for its parent to take notice of it. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'))
  } catch {
    return false
  }
}

test.run()
