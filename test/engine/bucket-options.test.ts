import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bucketSettings, patchSettings, settingsOf } from '../../src/engine/bucket-options.js'
import { refusal } from './scratch.js'

const test = suite('bucket options')
const plain = { immutable: false, tier: 'standard', replicas: 0 }
/** What comes in over HTTP has no type. */
const odd = (options: unknown) => options as never

test('defaults, and every option', () => {
  assert.equal(bucketSettings(), plain)
  assert.equal(bucketSettings({ defaultTtl: undefined, maxBytes: undefined } as object), plain)
  const full = bucketSettings({
    defaultTtl: '5m',
    maxBytes: '64kb',
    immutable: true,
    tier: 'economy',
    replicas: 8,
  })
  assert.equal(full, {
    defaultTtlMs: 300_000,
    maxBytes: 65_536,
    immutable: true,
    tier: 'economy',
    replicas: 8,
  })
})

test('what is wrong is refused by its own code', async () => {
  for (const defaultTtl of ['', '0s', 0, -1, 1.5, '366d', true, {}, null]) {
    const code = defaultTtl === null ? 'invalid_option' : 'invalid_ttl'
    await refusal(code, () => bucketSettings(odd({ defaultTtl })), /defaultTtl/)
  }
  for (const maxBytes of ['', '0', 1023, -5, 1e300, [], '1023b']) {
    await refusal('invalid_size', () => bucketSettings(odd({ maxBytes })), /maxBytes/)
  }
  await refusal('invalid_option', () => bucketSettings(odd({ immutable: 'yes' })), /immutable/)
  await refusal('invalid_option', () => bucketSettings(odd({ tier: 'gold' })), /tier/)
  for (const replicas of [-1, 9, 0.5, '2', Number.NaN]) {
    await refusal('invalid_option', () => bucketSettings(odd({ replicas })), /replicas/)
  }
  for (const options of [null, [], 'x']) {
    await refusal('invalid_option', () => bucketSettings(odd(options)))
  }
})

test('unknown names are refused, also those that every object has', async () => {
  for (const json of ['{"ttl":1}', '{"__proto__":{"immutable":true}}', '{"constructor":1}']) {
    await refusal('invalid_option', () => bucketSettings(JSON.parse(json)), /no option/)
  }
})

test('nothing comes in over a prototype', () => {
  assert.equal(bucketSettings(Object.create({ immutable: true, replicas: 3 })), plain)
})

test('a patch changes what it names, and null takes away', () => {
  const before = bucketSettings({ defaultTtl: '5m', maxBytes: '1mb', replicas: 2 })
  assert.equal(patchSettings(before, {}), before)
  assert.equal(patchSettings(before, { replicas: 0 }), { ...before, replicas: 0 })
  const cleared = patchSettings(before, { defaultTtl: null, maxBytes: null })
  assert.equal(cleared, { ...plain, replicas: 2 })
  assert.is('defaultTtlMs' in cleared, false)
  assert.is(patchSettings(cleared, { defaultTtl: 5 }).defaultTtlMs, 5)
})

test('null takes nothing else away, and a refused patch leaves the settings alone', async () => {
  const before = bucketSettings({ replicas: 2 })
  for (const name of ['immutable', 'tier', 'replicas']) {
    await refusal('invalid_option', () => patchSettings(before, odd({ [name]: null })))
  }
  await refusal('invalid_option', () => patchSettings(before, odd({ replicas: 3, tier: 'no' })))
  assert.is(before.replicas, 2)
})

test('settings are picked out of a whole record', () => {
  const settings = bucketSettings({ maxBytes: 4096 })
  assert.equal(settingsOf({ ...settings, id: '1', name: 'x' } as typeof settings), settings)
})

test.run()
