import type { Bucket } from '../../../src/engine/bucket.js'
import type { Engine } from '../../../src/engine/engine.js'
import { holdersOf } from '../../../src/engine/routes.js'
import type { Met } from '../../../src/store/scan.js'

/** Every item on every node that is up, by node and key: `n1/k3` to its version. */
export function itemsOf(engine: Engine): Map<string, number> {
  const items = new Map<string, number>()
  for (const node of engine['cluster'].all) {
    const met: Met[] = []
    for (let line = 0; line < node.scanner.lineCount; line++) {
      node.scanner.meet(line, () => true, met)
    }
    for (const { space, hash, words, length } of met) {
      const key = Buffer.from(words.buffer, words.byteOffset, length).toString()
      const head = node.reader.headOf(hash, words, length, space)
      items.set(`${node.id}/${key}`, head?.version ?? -1)
    }
  }
  return items
}

/**
 * Throws where a key is not at its owner and at those who keep copies, under one version, or is
 * anywhere else. `keys` names all that may be in the cache.
 */
export function checkPlaces(engine: Engine, bucket: Bucket, keys: readonly string[]): void {
  const wrong = misplaced(engine, bucket, keys)
  if (wrong.length > 0) {
    throw new Error(wrong.join('\n'))
  }
}

function misplaced(engine: Engine, bucket: Bucket, keys: readonly string[]): string[] {
  const items = itemsOf(engine)
  const { ring, nodes } = engine['cluster']
  const wrong: string[] = []
  for (const key of keys) {
    const { hash } = bucket.explain(key)
    const holders = holdersOf({ ring, nodes }, hash, bucket.record.replicas)
    const version = bucket.head(key)?.version
    for (const node of engine['cluster'].all) {
      const wanted = holders.includes(node) ? version : undefined
      const found = items.get(`${node.id}/${key}`)
      if (found !== wanted) {
        wrong.push(`${node.id} has ${key} with version ${found}, and should have ${wanted}`)
      }
      items.delete(`${node.id}/${key}`)
    }
  }
  return [...wrong, ...[...items.keys()].map((item) => `${item} is nobody's`)]
}
