import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Chance } from '../store/chance.js'
import { isLinearizable } from './brute.js'
import { check, GaveUp } from './checker.js'
import type { History, Model } from './history.js'
import { judge } from './judge.js'
import { mutations } from './mutate.js'
import { type KeyHistory, KeyModel } from './register.js'
import { rightHistory, type Step, stepsOf } from './right.js'
import { lateHistories, wrongHistories } from './wrong.js'

const test = suite('linearizability checker')

function fail(why: string): never {
  throw new Error(why)
}

test('accepts right histories with random overlaps', () => {
  fc.assert(
    fc.property(stepsOf(60), fc.integer({ min: 1, max: 8 }), (steps, clients) => {
      assert.is(judge(rightHistory(steps, clients)).fault, undefined)
    }),
    { numRuns: 1_000 },
  )
})

test('the order that it finds keeps real time, and the model allows it', () => {
  fc.assert(
    fc.property(stepsOf(40), (steps) => {
      const history = rightHistory(steps)
      const model = new KeyModel(history)
      const verdict = check(model, history)
      if (!verdict.isLinearizable) throw new Error('rejected')
      let state = model.initial
      let latestCall = 0
      for (const one of verdict.order) {
        assert.ok(one.returned > latestCall, 'it had returned before one ahead of it was called')
        latestCall = Math.max(latestCall, one.called)
        state = model.step(state, one.input, one.output) ?? fail('not allowed')
      }
      const lost = history.filter((one) => one.output === undefined)
      assert.ok(verdict.order.length >= history.length - lost.length)
    }),
    { numRuns: 300 },
  )
})

for (const [name, mutate] of Object.entries(mutations)) {
  test(`rejects a right history with one answer made wrong: ${name}`, () => {
    // Keys that are there can only be counted where every one is seen to come and go.
    const isCounted = name === 'delete of a missing key'
    const options = isCounted ? { flushes: false, batches: false } : {}
    let rejected = 0
    fc.assert(
      fc.property(stepsOf(40, options), fc.boolean(), (steps, isPlain) => {
        const plain = steps.map((step) => ({ ...step, isLost: false }))
        const history = rightHistory(isPlain ? plain : steps)
        const wrong = mutate(history)
        if (wrong === undefined) return
        rejected++
        assert.is(judge(history).fault, undefined, 'right before')
        assert.is.not(judge(wrong).fault, undefined, 'wrong after')
      }),
      { numRuns: isCounted ? 1_000 : 300 },
    )
    assert.ok(rejected >= 10, `it could be applied ${rejected} times`)
  })
}

for (const { name, history, says } of lateHistories) {
  test(`rejects by hand: ${name}`, () => {
    assert.match(judge(history).fault ?? '', says)
  })
  test(`accepts by hand what is only just right: ${name}`, () => {
    // The last operation is called before all others: now it overlaps with each of them.
    const last = history[history.length - 1]
    const relaxed = [...history.slice(0, -1), { ...last, called: 0, client: 99 }]
    assert.is(judge(relaxed).fault, undefined)
  })
}

for (const { name, history, says } of wrongHistories) {
  test(`rejects by hand: ${name}`, () => {
    assert.match(judge(history).fault ?? '', says)
  })
}

/** A register of small numbers whose values come again: more orders than with unique ones. */
type Call = { readonly write: number } | { readonly read: true } | { readonly add: true }
const numbers: Model<{ n: number }, Call, number> = {
  initial: { n: 0 },
  step: (state, call, told) => {
    if ('write' in call) return call.write === state.n ? state : { n: call.write }
    if ('read' in call) return told === undefined || told === state.n ? state : undefined
    return told === undefined || told === state.n ? { n: state.n + 1 } : undefined
  },
  twinOf: (call) => JSON.stringify(call),
  isRead: (call) => 'read' in call,
  keyOf: ({ n }) => `${n}`,
}

test('agrees with trying every order, on small histories right and wrong', () => {
  const call = fc.oneof(
    fc.record({ write: fc.nat({ max: 2 }) }),
    fc.constant({ read: true as const }),
    fc.constant({ add: true as const }),
  )
  const operation = fc.record({
    call,
    from: fc.nat({ max: 12 }),
    length: fc.nat({ max: 6 }),
    told: fc.nat({ max: 3 }),
    isLost: fc.nat({ max: 4 }).map((n) => n === 0),
    isLate: fc.boolean(),
  })
  const seen = { right: 0, wrong: 0 }
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 7 }), (operations) => {
      const history: History<Call, number> = operations.map((one, i) => ({
        client: i,
        called: one.from + i / 100,
        returned:
          one.isLost && one.isLate
            ? Number.POSITIVE_INFINITY
            : one.from + one.length + 0.5 + i / 100,
        input: one.call,
        output: one.isLost ? undefined : one.told,
      }))
      const expected = isLinearizable(numbers, history)
      seen[expected ? 'right' : 'wrong']++
      assert.is(check(numbers, history).isLinearizable, expected)
    }),
    { numRuns: 3_000 },
  )
  assert.ok(seen.right > 300 && seen.wrong > 300, JSON.stringify(seen))
})

test('agrees with trying every order on short histories of a key, one answer changed at random', () => {
  const seen = { right: 0, wrong: 0 }
  const answers = fc.record({ at: fc.nat(), status: fc.constantFrom(200, 201, 204, 404, 412) })
  fc.assert(
    fc.property(stepsOf(7), answers, (steps, { at, status }) => {
      const history = [...rightHistory(steps)]
      const one = history[at % history.length]
      const output = one.output === undefined ? undefined : { ...one.output, status }
      history[at % history.length] = { ...one, output }
      const model = new KeyModel(history)
      const expected = isLinearizable(model, history)
      seen[expected ? 'right' : 'wrong']++
      assert.is(check(model, history).isLinearizable, expected)
    }),
    { numRuns: 2_000 },
  )
  assert.ok(seen.right > 100 && seen.wrong > 100, JSON.stringify(seen))
})

function crowd(seed: number, clients: number, length: number): KeyHistory {
  const chance = new Chance(seed)
  const span = 4 * clients
  const steps: Step[] = Array.from({ length }, () => ({
    kind: chance.pick(['get', 'get', 'put', 'put', 'delete', 'touch']),
    condition: chance.pick(['none', 'none', 'now', 'before', 'any']),
    early: chance.below(span),
    late: chance.below(span),
    isLost: chance.once(1_000),
    isVain: chance.once(2),
    isBatch: chance.once(10),
  }))
  return rightHistory(steps, clients)
}

test('16 clients, some 300 calls each, on one key', () => {
  for (let seed = 1; seed <= 3; seed++) {
    const history = crowd(seed, 16, 5_000)
    const from = performance.now()
    const { fault, steps } = judge(history)
    assert.is(fault, undefined, `seed ${seed}`)
    const rightMs = (performance.now() - from).toFixed(0)
    const wrong = mutations['spurious miss'](history) ?? fail('no way to break it')
    const between = performance.now()
    assert.is(check(new KeyModel(wrong), wrong).isLinearizable, false)
    const wrongMs = (performance.now() - between).toFixed(0)
    const { length } = history
    console.log(
      `seed ${seed}: ${length} calls, ${steps} steps, ${rightMs} ms; wrong: ${wrongMs} ms`,
    )
  }
})

test('what cannot be decided within the budget is said, and is no verdict', () => {
  const history = crowd(1, 16, 500)
  const model = new KeyModel(history)
  assert.throws(
    () => check(model, history, { steps: 100, configurations: 1e6 }),
    (error: unknown) => error instanceof GaveUp && /100 steps/.test(error.message),
  )
  assert.throws(
    () => check(model, history, { steps: 1e6, configurations: 10 }),
    (error: unknown) => error instanceof GaveUp && /10 configurations/.test(error.message),
  )
})

test('a wrong history is told as its few operations that contradict one another', () => {
  const history = crowd(4, 8, 600)
  const wrong = mutations['spurious miss'](history) ?? fail('no way to break it')
  const { fault = '' } = judge(wrong)
  console.log(fault)
  const rows = fault.split('\n').filter((line) => line.includes('client'))
  assert.ok(rows.length <= 12, `${rows.length} rows`)
  assert.ok(rows.some((row) => row.includes('GET') && row.includes('404')))
})

test.run()
