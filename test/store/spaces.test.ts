import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { C_DEAD_SPACES, Memory, SPACE_WORDS } from '../../src/store/layout.js'
import {
  S_ITEMS,
  S_PUTS,
  S_QUOTA_BYTES,
  SPACE_DEAD,
  SPACE_LIVE,
  SPACE_UNUSED,
  Spaces,
} from '../../src/store/spaces.js'

const test = suite('spaces')

function fresh(): { spaces: Spaces; memory: Memory } {
  const memory = Memory.create(2 ** 20, 8, 0)
  return { spaces: new Spaces(memory), memory }
}

test('a space lives from its opening to its killing, and space 0 never', () => {
  const { spaces, memory } = fresh()
  assert.is(spaces.state(3), SPACE_UNUSED)
  spaces.open(3, 0xffff_fff0, 0, 5)
  assert.is(spaces.state(3), SPACE_LIVE)
  assert.ok(spaces.isLive(3))
  assert.is(spaces.seed(3), 0xffff_fff0)
  spaces.book(3, 1, 100, 5)
  spaces.kill(3)
  assert.is(spaces.state(3), SPACE_DEAD)
  assert.is(memory.words[C_DEAD_SPACES], 1)
  spaces.retire(3)
  assert.is(spaces.state(3), SPACE_DEAD, 'it still holds an item')
  spaces.book(3, -1, -100, 6)
  spaces.retire(3)
  assert.is(spaces.state(3), SPACE_UNUSED)
  assert.is(memory.words[C_DEAD_SPACES], 0)
  for (const space of [0, -1, 8, 9, 70_000]) assert.not.ok(spaces.isLive(space))
})

test('killing twice counts once', () => {
  const { spaces, memory } = fresh()
  spaces.open(1, 1, 0, 0)
  spaces.kill(1)
  spaces.kill(1)
  spaces.kill(2)
  assert.is(memory.words[C_DEAD_SPACES], 1)
})

test('opening a living space changes its limit and nothing else', () => {
  const { spaces } = fresh()
  spaces.open(1, 7, 0, 0)
  spaces.book(1, 2, 300, 0)
  spaces.add(1, S_PUTS, 2)
  spaces.open(1, 8, 4_096, 10)
  assert.is(spaces.float(1, S_QUOTA_BYTES), 4_096)
  assert.is(spaces.float(1, S_ITEMS), 2)
  assert.is(spaces.seed(1), 7)
})

test('a space that comes again begins anew', () => {
  const { spaces } = fresh()
  spaces.open(1, 7, 10, 0)
  spaces.add(1, S_PUTS, 2)
  spaces.kill(1)
  spaces.retire(1)
  spaces.open(1, 9, 0, 1_000)
  assert.equal(spaces.counts(1, 1_500), {
    items: 0,
    bytes: 0,
    byteMs: 0,
    puts: 0,
    deletes: 0,
    evictions: 0,
    expirations: 0,
    droppedByMove: 0,
  })
  assert.is(spaces.seed(1), 9)
})

test('bytes over time', () => {
  const { spaces } = fresh()
  spaces.open(1, 0, 0, 100)
  assert.is(spaces.counts(1, 500).byteMs, 0)
  spaces.book(1, 1, 10, 1_000)
  spaces.book(1, 1, 20, 1_500)
  spaces.book(1, -1, -10, 1_600)
  assert.is(spaces.counts(1, 1_600).byteMs, 10 * 500 + 30 * 100)
  assert.is(spaces.counts(1, 2_600).byteMs, 10 * 500 + 30 * 100 + 20 * 1_000)
  spaces.book(1, 0, 0, 1_000)
  assert.is(spaces.counts(1, 1_600).byteMs, 10 * 500 + 30 * 100, 'a clock that goes back')
})

test('records do not touch one another', () => {
  const { spaces, memory } = fresh()
  for (let space = 0; space < 8; space++) {
    memory.words.fill(space, spaces.at(space), spaces.at(space) + SPACE_WORDS)
  }
  for (let space = 0; space < 8; space++) {
    assert.is(memory.words[spaces.at(space)], space)
    assert.is(memory.words[spaces.at(space) + SPACE_WORDS - 1], space)
  }
})

test.run()
