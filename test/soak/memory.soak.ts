import { itemBytes } from '../../src/store/assembler.js'
import { check } from '../../src/store/check.js'
import { NO_MEMORY } from '../../src/store/order.js'
import { Chance } from '../store/chance.js'
import { bench, SEED } from '../store/pen.js'
import { sealInto, unseal } from '../store/self-checking.js'

const MIB = 2 ** 20
const MEMORY_BYTES = 128 * MIB
/** What the process may take beside the store's memory and what it took before. */
const ALLOWANCE_BYTES = 96 * MIB
const KEYS = 4_000_000
const ROUNDS = 3
const SIZES = [100, 330, 1_000, 3_300, 10_000, 33_000, 100_000]

/** Sizes shift from 100 B to 100 KB and back three times over: memory follows, and no put fails. */
export async function soak(): Promise<string> {
  const before = process.memoryUsage.rss()
  const b = bench(MEMORY_BYTES)
  const chance = new Chance(2)
  const scratch = Buffer.alloc(100_000)
  const key = (n: number) => `key:${n}`
  let puts = 0
  let reads = 0
  let least = 1
  let rss = 0
  const shift = [...SIZES, ...[...SIZES].reverse()]
  for (let round = 0; round < ROUNDS; round++) {
    for (const size of shift) {
      // Twice the memory is put at each size, so that all of the old size gives way.
      const count = Math.ceil((2 * MEMORY_BYTES) / itemBytes(11, 0, (size * 3) / 4))
      for (let n = 0; n < count; n++, puts++) {
        const number = chance.below(KEYS)
        const length = (size >> 1) + chance.below(size >> 1)
        const value = sealInto(scratch, length, { key: number, counter: puts, deadline: 0 })
        if (b.store.put(b.pen.write(1, key(number), value), 0) === NO_MEMORY) {
          throw new Error(`put ${puts} of ${length} bytes is refused`)
        }
        if (n % 64 === 0) {
          const other = n % 128 === 0 ? number : chance.below(KEYS)
          b.pen.scratch.encode(key(other))
          const { words, length: keyBytes } = b.pen.scratch
          const found = b.reader.bytesOf(b.pen.scratch.hash(SEED), words, keyBytes, 1)
          if (found !== undefined && typeof unseal(found, other) === 'string') {
            throw new Error(`${unseal(found, other)}`)
          }
          if (found === undefined && other === number) throw new Error(`put ${puts} is not there`)
          reads += found === undefined ? 0 : 1
        }
      }
      const { pageCount } = b.memory.shape
      least = Math.min(least, b.store.counts(1, 0).bytes / (pageCount * 65_536))
      rss = Math.max(rss, process.memoryUsage.rss())
    }
    console.log(`round ${round + 1}: ${puts} puts, resident ${mib(rss - before)} MiB more`)
  }
  check(b.store) // not before: it needs more memory than it looks at
  const extra = rss - before - MEMORY_BYTES
  if (extra > ALLOWANCE_BYTES) {
    throw new Error(`${mib(extra)} MiB beside the memory, ${mib(ALLOWANCE_BYTES)} are allowed`)
  }
  return (
    `${puts} puts of 50 B to 100 KB, none refused; ${reads} values read whole; pages at least ` +
    `${(least * 100).toFixed(1)} % in use; resident at most memory + ${mib(extra)} MiB`
  )
}

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(1)
}
