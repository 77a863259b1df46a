import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Lookup } from '../../../src/engine/lookup.js'
import type { Routes } from '../../../src/engine/routes.js'
import { LANES } from '../../../src/engine/tallies.js'
import { KeyScratch } from '../../../src/key.js'
import { Ring } from '../../../src/ring/index.js'
import type { Reader } from '../../../src/store/reader.js'

const test = suite('a read while keys move')

/** A memory of one key; `next` happens in another thread, just after a look. */
interface Memory {
  value: Buffer | undefined
  next?: () => void
}

interface Place {
  readonly reader: Reader
  readonly lane: number
}

function readerOf(memory: Memory): Place {
  const look = () => {
    const { value } = memory
    memory.next?.()
    return value
  }
  return { reader: { bytesOf: look } as unknown as Reader, lane: 0 }
}

/** All keys are on their way from one node to the other. */
function lookupBetween(owner: Memory, former: Memory): Lookup {
  const now = { ring: Ring.of([{ id: 'owner', weight: 1 }]), nodes: [readerOf(owner)] }
  const before = { ring: Ring.of([{ id: 'former', weight: 1 }]), nodes: [readerOf(former)] }
  const routes: Routes<Place> = { ...now, before, baseMs: 0, fence: 0 }
  return new Lookup(routes, new KeyScratch(), 1, 0, new Float64Array(LANES * 2))
}

const VALUE = Buffer.from('v')

test('finds the key wherever it is', () => {
  for (const [owner, former] of [
    [VALUE, undefined],
    [VALUE, VALUE],
    [undefined, VALUE],
    [undefined, undefined],
  ]) {
    const lookup = lookupBetween({ value: owner }, { value: former })
    assert.is(lookup.bytes('k'), owner ?? former)
    const isMiss = owner === undefined && former === undefined
    assert.equal([lookup.hits, lookup.misses], isMiss ? [0, 1] : [1, 0])
  }
})

test('finds the key that moves between two looks', () => {
  const owner: Memory = { value: undefined }
  const former: Memory = { value: VALUE }
  owner.next = () => {
    owner.value = VALUE
    former.value = undefined
  }
  assert.is(lookupBetween(owner, former).bytes('k'), VALUE)
})

test('of an economy bucket looks nowhere else', () => {
  const lookup = lookupBetween({ value: undefined }, { value: VALUE })
  lookup.isEconomy = true
  assert.is(lookup.bytes('k'), undefined)
  assert.is(lookup.misses, 1)
})

test.run()
