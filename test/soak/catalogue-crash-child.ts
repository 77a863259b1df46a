import { randomBytes } from 'node:crypto'
import { openCatalogue } from '../../src/engine/open-catalogue.js'

/**
 * Changes the catalogue in the named directory as fast as it can, and says of each change that it
 * was acknowledged, one JSON line each, until it is killed.
 */
const { catalogue, newRootKey } = await openCatalogue({
  data: process.argv[2],
  maxBuckets: 100_000,
  clock: Date.now,
  random: (count) => randomBytes(count),
})
const life = randomBytes(4).toString('hex')
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`)

if (newRootKey !== undefined) say({ key: newRootKey, kind: 'root' })
say({ ready: true })

async function customer(number: number): Promise<never> {
  const account = await catalogue.createAccount(`account ${number}`)
  say({ key: account.credentialKey, kind: 'account' })
  for (let n = 0; ; n++) {
    const name = `${life} ${number} ${n}`
    const made = await catalogue.createBucket(name, { replicas: n % 9 }, account.id)
    const { id } = made.bucket
    if (n % 4 === 3) {
      await catalogue.deleteBucket(id)
      say({ gone: id, key: made.credentialKey })
      catalogue.releaseSlot(made.bucket.slot)
      continue
    }
    say({ key: made.credentialKey, kind: 'bucket', bucketId: id, name })
    const reader = await catalogue.createCredential(id, 'read')
    say({ key: reader.credentialKey, kind: 'bucket', bucketId: id, name })
    say({ granted: await catalogue.grantVersions() })
  }
}

await Promise.all(Array.from({ length: 8 }, (_, number) => customer(number)))
