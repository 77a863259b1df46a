import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Memory, PAGE_BYTES } from '../../src/store/layout.js'
import {
  CHUNK_BYTES,
  CLASS_COUNT,
  classFor,
  LARGEST_CHUNK,
  OVERFLOW_CLASS,
  Slab,
} from '../../src/store/slab.js'
import { Chance } from './chance.js'

const test = suite('slab')

function fresh(): Slab {
  return new Slab(Memory.create(2 ** 21, 1, 0))
}

test('classes rise by an eighth, rounded up to 8 bytes, and end at the largest chunk', () => {
  assert.ok(CLASS_COUNT <= 96, 'the class records have room for 96')
  for (let n = 2; n < CLASS_COUNT; n++) {
    assert.is(CHUNK_BYTES[n] % 8, 0)
    assert.ok(CHUNK_BYTES[n] > CHUNK_BYTES[n - 1])
    assert.ok(CHUNK_BYTES[n] / CHUNK_BYTES[n - 1] <= 1.26, `class ${n}`)
  }
  assert.is(CHUNK_BYTES[CLASS_COUNT - 1], LARGEST_CHUNK)
})

test('every size has the smallest class that holds it, and never that of overflow nodes', () => {
  for (let bytes = 1; bytes <= LARGEST_CHUNK; bytes++) {
    const found = classFor(bytes)
    assert.ok(found !== OVERFLOW_CLASS && CHUNK_BYTES[found] >= bytes, `${bytes}`)
    assert.ok(found === 1 || CHUNK_BYTES[found - 1] < bytes, `${bytes} in class ${found}`)
  }
})

test('chunks do not overlap and stay in their page', () => {
  const slab = fresh()
  for (const slabClass of [0, 1, 7, CLASS_COUNT - 1]) {
    const size = CHUNK_BYTES[slabClass]
    const refs = Array.from({ length: 40 }, () => slab.take(slabClass)).sort((a, b) => a - b)
    for (const [n, ref] of refs.entries()) {
      assert.ok(n === 0 || ref * 8 >= refs[n - 1] * 8 + size, 'overlap')
      assert.is(slab.classOf(ref), slabClass)
      assert.is(slab.pageOf(ref), slab.pageOf(ref + (size >> 3) - 1), 'crosses a page')
    }
  }
})

test('memory is given to the last chunk, and all of it comes back for another class', () => {
  const slab = fresh()
  const small: number[] = []
  for (let ref = slab.take(5); ref !== 0; ref = slab.take(5)) small.push(ref)
  assert.is(small.length, slab.pageCount * Math.floor(PAGE_BYTES / CHUNK_BYTES[5]))
  assert.is(slab.take(9), 0)
  assert.is(slab.freePages(), 0)
  for (const ref of small) slab.free(ref)
  assert.is(slab.freePages(), slab.pageCount)
  assert.is(slab.pagesOf(5), 0)
  assert.is(slab.freeChunks(5), 0)
  const large: number[] = []
  for (let ref = slab.take(9); ref !== 0; ref = slab.take(9)) large.push(ref)
  assert.is(large.length, slab.pageCount * Math.floor(PAGE_BYTES / CHUNK_BYTES[9]))
})

test('pages of overflow nodes never serve another class', () => {
  const slab = fresh()
  const node = slab.take(OVERFLOW_CLASS)
  const page = slab.pageOf(node)
  slab.free(node)
  assert.is(slab.classOfPage(page), OVERFLOW_CLASS)
  assert.not.ok(slab.hasSurplus(OVERFLOW_CLASS))
})

test('a sealed page gives no chunk, and is back when unsealed', () => {
  const slab = fresh()
  const ref = slab.take(3)
  const page = slab.pageOf(ref)
  slab.seal(page)
  assert.is.not(slab.pageOf(slab.take(3)), page)
  slab.unseal(page)
  assert.is(slab.pageOf(slab.take(3)), page)
})

test('a sealed page that runs empty leaves its class', () => {
  const slab = fresh()
  const ref = slab.take(3)
  const page = slab.pageOf(ref)
  slab.seal(page)
  slab.free(ref)
  assert.is(slab.classOfPage(page), -1)
  slab.unseal(page)
  assert.is(slab.classOfPage(page), -1)
  assert.is(slab.freePages(), slab.pageCount)
})

test('the emptiest of the first pages is found, the pinned one passed over', () => {
  const slab = fresh()
  const perPage = Math.floor(PAGE_BYTES / CHUNK_BYTES[20])
  const refs = Array.from({ length: perPage * 3 }, () => slab.take(20))
  slab.free(refs[0])
  for (let n = perPage; n < perPage + 5; n++) slab.free(refs[n])
  const emptiest = slab.pageOf(refs[perPage])
  assert.is(
    slab.emptiestPage(20, 32, () => false),
    emptiest,
  )
  assert.is(
    slab.emptiestPage(20, 32, (page) => page === emptiest),
    slab.pageOf(refs[0]),
  )
})

test('inPages tells references from other numbers', () => {
  const memory = Memory.create(2 ** 21, 1, 0)
  const slab = new Slab(memory)
  const first = memory.shape.pagesAt >> 1
  assert.not.ok(slab.inPages(0))
  assert.not.ok(slab.inPages(first - 1))
  assert.ok(slab.inPages(first))
  assert.ok(slab.inPages(first + slab.pageCount * (PAGE_BYTES >> 3) - 1))
  assert.not.ok(slab.inPages(first + slab.pageCount * (PAGE_BYTES >> 3)))
})

test('counts hold through 20,000 random takes and frees, and a rebuild finds the same', () => {
  const slab = fresh()
  const chance = new Chance(4)
  const live = new Map<number, number>()
  for (let step = 0; step < 20_000; step++) {
    const slabClass = chance.pick([0, 1, 2, 12, 30, CLASS_COUNT - 1])
    if (chance.once(2)) {
      const ref = slab.take(slabClass)
      assert.not.ok(live.has(ref))
      if (ref !== 0) live.set(ref, slabClass)
    } else {
      for (const ref of live.keys()) {
        slab.free(ref)
        live.delete(ref)
        break
      }
    }
  }
  const counts = () =>
    CHUNK_BYTES.map((_, n) => (n === 0 ? '' : `${slab.pagesOf(n)} ${slab.freeChunks(n)}`))
  const before = counts()
  const pages = slab.freePages()
  slab.rebuild((ref) => live.has(ref))
  assert.equal(counts(), before)
  assert.is(slab.freePages(), pages)
  for (let ref = slab.take(1); ref !== 0; ref = slab.take(1)) {
    assert.not.ok(live.has(ref), 'a live chunk is given twice')
    live.set(ref, 1)
  }
})

test.run()
