import { createHash } from 'node:crypto'
import { CacheError } from '../errors.js'

/**
 * A credential as its holder knows it: `ann_<id>_<secret>`, where the id is public and the secret
 * is 32 random bytes. A fast digest is enough for a secret that nobody can guess; a root key that
 * the operator chose is kept the same way, so it must be long.
 */
const ID_BYTES = 8
const SECRET_BYTES = 32
const KEY = /^ann_([0-9a-f]{16})_[A-Za-z0-9_-]{43}$/
const MIN_GIVEN = 16
const MAX_GIVEN = 256
const GIVEN = /^[\x21-\x7e]+$/
export const MAX_KEY_LENGTH = MAX_GIVEN

export type Random = (count: number) => Uint8Array

export function makeKey(random: Random): { id: string; key: string; digest: string } {
  const id = Buffer.from(random(ID_BYTES)).toString('hex')
  const key = `ann_${id}_${Buffer.from(random(SECRET_BYTES)).toString('base64url')}`
  return { id, key, digest: keyDigest(key).toString('hex') }
}

/** For a root key that the operator chose: its id is random, like any other. */
export function givenKey(key: string, random: Random): { id: string; digest: string } {
  checkGivenKey(key)
  const id = Buffer.from(random(ID_BYTES)).toString('hex')
  return { id, digest: keyDigest(key).toString('hex') }
}

/** Never shows the key: the message may end up in a log. */
export function checkGivenKey(key: string): void {
  if (typeof key === 'string' && key.length >= MIN_GIVEN && key.length <= MAX_GIVEN) {
    if (GIVEN.test(key)) return
  }
  throw new CacheError(
    'invalid_option',
    `the root key must be ${MIN_GIVEN} to ${MAX_GIVEN} printable ASCII characters, without spaces`,
  )
}

export function keyDigest(key: string): Buffer {
  return createHash('sha256').update(key, 'utf8').digest()
}

/** The id that a key names, or undefined where it is not of our form. */
export function keyId(key: string): string | undefined {
  return KEY.exec(key)?.[1]
}
