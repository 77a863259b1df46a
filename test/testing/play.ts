import type { Bucket } from '../../src/engine/bucket.js'
import { CacheError } from '../../src/errors.js'
import { openTestEngine, type TestEngine } from '../../src/testing.js'
import type { Step } from './script.js'

const MOST_NODES = 6

/** Plays a script on a small cache; returns a line for each call: what it was, what it came to. */
export async function play(
  seed: number,
  script: readonly Step[],
  pause: (step: number) => Promise<void>,
): Promise<string[]> {
  await using cache = await openTestEngine({ seed, nodes: 2 })
  const player = new Player(cache)
  const lines = [JSON.stringify([cache.newRootKey, cache.ringStatus()])]
  for (const [n, step] of [{ do: 'bucket' } as const, ...script].entries()) {
    const outcome = await player.carryOut(step).catch((error: unknown) => {
      if (!(error instanceof CacheError)) throw error
      return [error.code, error.message, error.maybeStored]
    })
    lines.push(`${n} ${JSON.stringify(step)} ${JSON.stringify(outcome)}`)
    await pause(n)
  }
  return lines
}

class Player {
  private readonly cache: TestEngine
  private buckets: Bucket[] = []
  private made = 0

  constructor(cache: TestEngine) {
    this.cache = cache
  }

  async carryOut(step: Step): Promise<unknown> {
    switch (step.do) {
      case 'bucket':
        return this.createBucket()
      case 'drop':
        return this.buckets.length > 1 && this.cache.deleteBucket(this.buckets.shift()?.id ?? '')
      case 'advance':
        await this.cache.advance(step.ms)
        return this.cache.now()
      case 'refuse':
        return this.cache.refuseWrites(step.count)
      case 'join':
      case 'leave':
      case 'fail':
        return this.changeRing(step.do)
      case 'look':
        return [this.cache.ringStatus(), this.cache.buckets().map((one) => one.usage())]
      default:
        return this.use(this.buckets[0], step)
    }
  }

  private async createBucket(): Promise<unknown> {
    const options = {
      defaultTtl: this.made % 2 === 0 ? '90s' : undefined,
      replicas: this.made % 3 === 0 ? 1 : 0,
    }
    const bucket = await this.cache.createBucket(`bucket ${this.made++}`, options)
    this.buckets.unshift(bucket)
    return [bucket.describe(), bucket.credentialKey, bucket.record.seed]
  }

  private async changeRing(change: 'join' | 'leave' | 'fail'): Promise<unknown> {
    const { cache } = this
    const ids = cache.ring.members.map(({ id }) => id)
    if (change === 'join') {
      return ids.length < MOST_NODES && (await cache.addNode()).receipt()
    }
    const id = ids[this.made % ids.length]
    return change === 'leave'
      ? (await cache.removeNode(id, { force: true })).receipt()
      : (await cache.failNode(id))?.receipt()
  }

  private async use(bucket: Bucket, step: Step): Promise<unknown> {
    switch (step.do) {
      case 'put': {
        const name = keyOf(step.key)
        const ttlMs = step.ttl
        return [
          await bucket.write(name, textOf(step.key, step.size), { ttlMs }),
          bucket.explain(name),
        ]
      }
      case 'many':
        return bucket.putMany(
          Array.from({ length: step.count }, (_, n) => [
            keyOf(step.from + n),
            textOf(n, step.size),
          ]),
        )
      case 'get': {
        const found = bucket.lookup(keyOf(step.key))
        return found && { ...found, value: found.value.toString('latin1').slice(0, 20) }
      }
      case 'touch':
        return bucket.touch(keyOf(step.key), '45s')
      case 'delete':
        return bucket.delete(keyOf(step.key))
      case 'prefix':
        return bucket.deletePrefix(`key ${step.key % 10}`)
      case 'list':
        return bucket.list({ limit: 300 })
      case 'flush':
        return bucket.flush()
      case 'limit':
        return bucket.update({ maxBytes: step.maxBytes })
      default:
        return undefined
    }
  }
}

function keyOf(key: number): string {
  return `key ${key}`
}

function textOf(key: number, size: number): string {
  return `${key} `.repeat(Math.ceil(size / 4)).slice(0, size)
}
