import { randomBytes } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  checkGivenKey,
  givenKey,
  keyDigest,
  keyId,
  makeKey,
} from '../../src/engine/credential-key.js'
import { Credentials } from '../../src/engine/credentials.js'
import { refusal } from './scratch.js'

const test = suite('credentials')
const createdMs = 1

function issue(credentials: Credentials, role: 'admin' | 'write' | 'read', bucketId = '7'): string {
  const { key, ...issued } = makeKey(randomBytes)
  credentials.add({ ...issued, kind: 'bucket', accountId: 'a', bucketId, role, createdMs })
  return key
}

test('a key has its form, and only its digest is kept', () => {
  const { id, key, digest } = makeKey(randomBytes)
  assert.match(key, /^ann_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$/)
  assert.is(keyId(key), id)
  assert.is(keyDigest(key).toString('hex'), digest)
  assert.is.not(makeKey(randomBytes).key, key)
})

test('a good key is known, every other spelling of it is not', () => {
  const credentials = new Credentials()
  const key = issue(credentials, 'write')
  const principal = credentials.authenticate(key)
  assert.is(principal?.kind, 'bucket')
  assert.is(principal?.kind === 'bucket' ? principal.role : '', 'write')
  for (let at = 0; at < key.length; at++) {
    const other = key[at] === 'A' ? 'B' : 'A'
    const wrong = key.slice(0, at) + other + key.slice(at + 1)
    assert.is(credentials.authenticate(wrong), undefined, `position ${at}`)
  }
  const near = ['', ' ', `${key} `, ` ${key}`, key.slice(0, -1), `${key}A`, key.toUpperCase()]
  const odd = ['__proto__', 'ann__', 'ann_constructor_x', 'x'.repeat(1 << 20), '\ud800']
  for (const wrong of [...near, ...odd]) assert.is(credentials.authenticate(wrong), undefined)
  assert.is(credentials.authenticate(undefined as unknown as string), undefined)
})

test('the secret of one does not open another', () => {
  const credentials = new Credentials()
  const [one, two] = [issue(credentials, 'read'), issue(credentials, 'admin')]
  const mixed = `ann_${keyId(two)}_${one.slice(-43)}`
  assert.is(credentials.authenticate(mixed), undefined)
})

test('without any credential nobody is let in', () => {
  const credentials = new Credentials()
  assert.is(credentials.authenticate(makeKey(randomBytes).key), undefined)
  assert.is(credentials.authenticate('operator-chose-this'), undefined)
})

test('the epoch moves with each addition and revocation, and with nothing else', () => {
  const credentials = new Credentials()
  const seen = [credentials.epoch]
  const key = issue(credentials, 'admin')
  seen.push(credentials.epoch)
  credentials.authenticate(key)
  credentials.remove('nobody')
  assert.is(credentials.epoch, seen[1])
  credentials.remove(keyId(key) ?? '')
  seen.push(credentials.epoch)
  assert.is(new Set(seen).size, 3)
  assert.is(credentials.authenticate(key), undefined)
  assert.equal(credentials.ofBucket('7'), [])
})

test('a root key of the operator, also one that looks like ours', () => {
  for (const key of ['correct-horse-battery', makeKey(randomBytes).key]) {
    const credentials = new Credentials()
    const given = givenKey(key, randomBytes)
    credentials.add({ ...given, kind: 'root', createdMs })
    issue(credentials, 'admin')
    assert.equal(credentials.authenticate(key), { kind: 'root', credentialId: given.id })
    assert.is(credentials.authenticate(`${key}x`), undefined)
    credentials.remove(given.id)
    assert.is(credentials.authenticate(key), undefined)
  }
})

test('a root key that is short or not plain ASCII is refused, and not repeated', async () => {
  const bad = ['', 'fifteen-letters', 'with some spaces in', 'kéy-with-an-accent', 'x'.repeat(257)]
  for (const key of bad) {
    const error = await refusal('invalid_option', () => checkGivenKey(key))
    assert.is(key !== '' && error.message.includes(key), false)
  }
  checkGivenKey('sixteen-letters!')
})

test.run()
