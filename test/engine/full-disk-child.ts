import { randomBytes } from 'node:crypto'
import { openCatalogue } from '../../src/engine/open-catalogue.js'
import type { CacheError } from '../../src/errors.js'

/** Makes buckets in the named directory until that fails, and says how many, and how it failed. */
const { catalogue } = await openCatalogue({
  data: process.argv[2],
  clock: Date.now,
  random: (count) => randomBytes(count),
})
const names: string[] = []
let refused: CacheError | undefined
while (refused === undefined && names.length < 4000) {
  const name = `bucket ${names.length}`
  try {
    await catalogue.createBucket(name)
    names.push(name)
  } catch (error) {
    refused = error as CacheError
  }
}
// Time for a rejection that nobody heard to end this process.
await new Promise((resolve) => setTimeout(resolve, 50))
const { code, maybeStored } = refused ?? {}
const listed = catalogue.buckets().map((bucket) => bucket.name)
console.log(JSON.stringify({ names, listed, code, maybeStored }))
