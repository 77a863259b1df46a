import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { commitOf } from '../../bench/compare/base.js'
import { judge } from '../../bench/compare/judge.js'
import { packageFolder } from '../../bench/root.js'

const test = suite('bench/compare')

function verdict(base: number[], ours: number[], isMoreBetter: boolean) {
  return judge({ name: 'a', unit: '', isMoreBetter, base, ours })
}

test('slower is a longer time, or less done in the same', () => {
  assert.is(verdict([100], [110], false).slower, 1.1)
  assert.is(verdict([110], [100], true).slower, 1.1)
  assert.ok(verdict([100, 100, 100], [110, 110, 110], false).isSlowdown)
  assert.ok(verdict([110, 110, 110], [100, 100, 100], true).isSlowdown)
  assert.not.ok(verdict([110, 110, 110], [100, 100, 100], false).isSlowdown)
})

test('what is within the tolerance passes', () => {
  assert.not.ok(verdict([100, 100, 100], [104, 104, 104], false).isSlowdown)
})

test('rounds that contradict each other show no slowdown', () => {
  const base = [100, 100, 100, 100, 100, 100, 100, 100]
  const noisy = [80, 85, 90, 107, 108, 130, 140, 150]
  const { slower, quartiles, isSlowdown } = verdict(base, noisy, false)
  assert.ok(slower > 1.05)
  assert.ok(quartiles[0] < 1)
  assert.not.ok(isSlowdown)
})

test('a slow spell that meets both sides of a round is no slowdown', () => {
  assert.not.ok(verdict([100, 300, 100, 200], [101, 303, 101, 202], false).isSlowdown)
})

test('a base that is no commit is refused by name', async () => {
  for (const name of ['no-such-commit', '--all', '']) {
    try {
      await commitOf(packageFolder(), name)
      assert.unreachable(name)
    } catch (error) {
      assert.match(String(error), `${name} is no commit of this repository`)
    }
  }
})

test.run()
