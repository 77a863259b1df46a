import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { checkName, nameKey } from '../../src/engine/names.js'
import { refusal } from './scratch.js'

const test = suite('names')

test('any script, emoji and odd words are names', () => {
  const family = '👨‍👩‍👧'
  for (const name of [
    'a',
    'birthdays',
    '誕生日',
    'يوم',
    family,
    '🎂'.repeat(128),
    '__proto__',
    ' ',
  ]) {
    assert.is(checkName(name, 'bucket'), name)
  }
})

test('empty, too long, control characters and half surrogates are refused', async () => {
  const bad = ['', 'x'.repeat(129), '🎂'.repeat(129), 'a\nb', 'a\0', '\u0085', '\ud83c', 'a\udf82b']
  for (const name of bad) await refusal('invalid_name', () => checkName(name, 'bucket'))
  await refusal('invalid_name', () => checkName(7 as unknown as string, 'bucket'))
})

test('names are compared composed, within their account', () => {
  assert.is(nameKey('a', 'caf\u00e9'), nameKey('a', 'cafe\u0301'))
  assert.is.not(nameKey('a', 'cafe'), nameKey('a', 'caf\u00e9'))
  assert.is.not(nameKey('a', 'x'), nameKey('b', 'x'))
})

test.run()
