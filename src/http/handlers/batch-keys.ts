import { canonicalKey, KeyScratch } from '../../key.js'
import type { Key } from '../../key-rules.js'
import { atIndex } from '../problem.js'
import { refuseMany } from './batch-body.js'

const scratch = new KeyScratch()

/** The canonical form of each key; the first that is no key refuses the batch. */
export function canonicalKeys(keys: readonly unknown[]): string[] {
  const canonical: string[] = []
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]
    try {
      const text = typeof key === 'string' ? key : canonicalKey(key as Key)
      scratch.check(text)
      canonical.push(text)
    } catch (error) {
      throw atIndex(error, i, 'Key')
    }
  }
  return canonical
}

/**
 * The lists of a body such as `{"keys": […]}`, where it has these members and, beside them, `others` more.
 * Anything else is left for the schema to read or to refuse.
 */
export function plainLists(
  json: unknown,
  names: readonly string[],
  others = 0,
): unknown[][] | undefined {
  const lists: unknown[][] = []
  for (const name of names) {
    const list = member(json, name)
    if (!Array.isArray(list)) return undefined
    refuseMany(list.length, name)
    lists.push(list)
  }
  return Object.keys(json as object).length === names.length + others ? lists : undefined
}

/** `undefined` where the body has no such member. */
export function member(json: unknown, name: string): unknown {
  const isThere = typeof json === 'object' && json !== null && Object.hasOwn(json, name)
  return isThere ? Reflect.get(json, name) : undefined
}
