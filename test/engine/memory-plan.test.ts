import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { checkMemory, spacesFor, suitableNodes } from '../../src/engine/memory-plan.js'
import { DEFAULTS, type EngineOptions, LIMITS } from '../../src/engine/options.js'
import { planRing } from '../../src/engine/ring-plan.js'
import { CacheError } from '../../src/errors.js'
import { parseSize } from '../../src/units.js'

const test = suite('engine memory plan')
const MIB = 2 ** 20
const SPACES = spacesFor(DEFAULTS.maxBuckets)

function nodes(memory: string, cores: number, maxValue: string = DEFAULTS.maxValue): number {
  const count = suitableNodes(parseSize(memory), parseSize(maxValue), SPACES, cores)
  checkMemory(parseSize(memory), count, parseSize(maxValue), SPACES)
  return count
}

function refusal(...words: string[]) {
  return (error: unknown) =>
    error instanceof CacheError &&
    error.code === 'invalid_option' &&
    !error.message.includes('\n') &&
    words.every((word) => error.message.includes(word))
}

test('nodes suit cores, memory and values', () => {
  assert.is(nodes('256mb', 1), 1)
  assert.is(nodes('256mb', 2), 1)
  assert.is(nodes('256mb', 4), 3)
  assert.is(nodes('256mb', 64), 4, '64 MiB a node')
  assert.is(nodes('1gb', 64), 16)
  assert.is(nodes('1gb', 8), 7)
  assert.is(nodes('32mb', 8), 1, 'at least one')
  assert.is(nodes('128mb', 64, '32mb'), 1, 'two values a node')
  assert.is(nodes('16gb', 2), 9, 'just under 2 GiB a node at most')
  assert.throws(() => nodes('9000gb', 2), refusal('--memory', '1024 nodes'))
})

test('a node must hold two values, and its tables', () => {
  const words = ['--memory', '--max-value', '8mb']
  assert.throws(() => nodes('16mb', 4), refusal(...words, '1 node is'))
  assert.is(nodes('20mb', 4), 1)
  const many = spacesFor(LIMITS.maxBuckets)
  assert.throws(() => checkMemory(20 * MIB, 1, 8 * MIB, many), refusal(...words))
  for (const bytes of [1, 1024, MIB, 2 * MIB]) {
    assert.throws(() => checkMemory(bytes, 1, MIB, SPACES), refusal('--memory', '--max-value'))
  }
})

test('spaces leave generations to spare, up to the most buckets', () => {
  for (const buckets of [1, 64, 4_096, 52_000, 60_000, LIMITS.maxBuckets]) {
    assert.ok(spacesFor(buckets) >= 64 + buckets + 1, `${buckets}`)
    assert.ok(spacesFor(buckets) <= 65_536, `${buckets}`)
  }
  for (const buckets of [0, -1, 1.5, Number.NaN, LIMITS.maxBuckets + 1]) {
    assert.throws(() => spacesFor(buckets), refusal('maxBuckets'))
  }
})

test('the largest value is 8mb where nothing is said, less only in small nodes', () => {
  const of = (options: EngineOptions) => planRing(undefined, options, SPACES).maxValueBytes
  assert.is(of({}), 8 * MIB)
  assert.is(of({ memory: '64mb' }), 8 * MIB)
  assert.is(of({ memory: '32mb' }), 4 * MIB)
  assert.is(of({ memory: '32mb', maxValue: '8mb' }), 8 * MIB)
  assert.throws(() => of({ memory: '16mb', maxValue: '8mb' }), refusal('--memory (memory)'))
  assert.throws(() => of({ maxValue: '100tb' }), refusal('--max-value (maxValue)', '32mb'))
})

test('a known ring brings its own memory, and only given options are compared', () => {
  const { record } = planRing(undefined, { memory: '100mb', nodes: 3, virtualNodes: 16 }, SPACES)
  assert.is(record.nodes.length, 3)
  const notices = (options: EngineOptions) => planRing(record, options, SPACES).notices
  assert.equal(notices({}), [])
  assert.equal(notices({ memory: '100mb', nodes: 3, virtualNodes: 16 }), [], 'but for a remainder')
  assert.is(notices({ memory: '1kb', nodes: 4, virtualNodes: 1 }).length, 3)
  assert.throws(() => notices({ maxValue: '32mb' }), refusal('--max-value (maxValue)', '32mb'))
  for (const wrong of [{ nodes: 0 }, { nodes: 1025 }, { virtualNodes: 0.5 }]) {
    assert.throws(() => notices(wrong), refusal(Object.keys(wrong)[0]), JSON.stringify(wrong))
  }
})

test.run()
