import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { quick } from '../../bench/list.js'
import { isRow } from '../../bench/row.js'
import { figure, tableLines } from '../../bench/table.js'
import { buildFolder } from '../scratch.js'

const test = suite('bench/run')

test('every benchmark of the list is there, under a name of its own', async () => {
  assert.is(new Set(quick.map(({ name }) => name)).size, quick.length)
  for (const { file, run } of quick) {
    const loaded: Record<string, unknown> = await import(`file://${buildFolder}/bench/${file}`)
    assert.type(loaded[run], 'function', `${file} exports ${run}()`)
  }
})

test('a row is known by its shape', () => {
  const row = { bench: 'a', what: 'b', value: 1, unit: 'ns' }
  assert.ok(isRow(row))
  for (const part of Object.keys(row)) assert.not.ok(isRow({ ...row, [part]: undefined }), part)
  assert.not.ok(isRow(undefined))
})

test('figures keep the digits that count', () => {
  const shown = [0.0333, 1, 41.26, 999.4, 1_234.5, 2_500_000].map(figure)
  assert.equal(shown, ['0.0333', '1', '41.3', '999', '1,235', '2,500,000'])
})

test('the table is Markdown with even columns, and says where an aim was missed', () => {
  const rows = [
    { bench: 'a', what: 'first', value: 12, unit: 'ns', aim: '<= 10 ns', met: false },
    { bench: 'long', what: 'x', value: 3, unit: 's', ratio: 0.5, beside: 'peer' },
  ]
  const lines = tableLines(rows)
  assert.is(new Set(lines.map((line) => line.length)).size, 1)
  assert.is(lines[2], '| a     | first | 12 ns |        |       | <= 10 ns | NO  |')
  assert.is(lines[3], '| long  | x     |   3 s | peer   | 0.5 × |          |     |')
})

test.run()
