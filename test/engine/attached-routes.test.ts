import { setTimeout as pass } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Worker } from 'node:worker_threads'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Announcer } from '../../src/engine/announcer.js'
import type { AttachedEngine } from '../../src/engine/attached.js'
import type { AttachedBucket } from '../../src/engine/attached-bucket.js'
import type { Bucket } from '../../src/engine/bucket.js'
import type { Cluster } from '../../src/engine/cluster.js'
import { Engine } from '../../src/engine/engine.js'
import type { FollowedRoutes } from '../../src/engine/followed-routes.js'
import type { Follower } from '../../src/engine/follower.js'
import type { Lookup } from '../../src/engine/lookup.js'
import type { Announced } from '../../src/engine/news.js'
import type { Circle } from '../../src/engine/routes.js'
import type { Reader } from '../../src/store/reader.js'
import { codeOf, opened } from './opened.js'

const test = suite('attached routes')

/** An engine whose epochs are begun by hand, and one that is attached to it in the same thread. */
class Scene {
  readonly engine: Engine
  readonly bucket: Bucket
  readonly attached: AttachedEngine
  readonly reading: AttachedBucket
  private readonly parts: { cluster: Cluster; announcer: Announcer }

  private constructor(engine: Engine, bucket: Bucket) {
    this.engine = engine
    this.bucket = bucket
    this.parts = engine as unknown as { cluster: Cluster; announcer: Announcer }
    this.attached = Engine.attach(engine.handle())
    const reading = this.attached.bucket(bucket.id)
    assert.ok(reading)
    this.reading = reading
  }

  static async of(engine: Engine, tier?: 'economy'): Promise<Scene> {
    return new Scene(engine, await engine.createBucket('b', tier === undefined ? {} : { tier }))
  }

  /** The ring as it is, and without the node that has the key. */
  circles(key: string): { all: Circle; rest: Circle } {
    const { ring, nodes } = this.parts.cluster
    const { owner } = this.bucket.explain(key)
    const rest = {
      ring: ring.without(owner),
      nodes: nodes.filter((node) => node.id !== owner),
    }
    return { all: { ring, nodes }, rest }
  }

  begin({ ring, nodes }: Circle, before?: Circle): void {
    const { cluster } = this.parts
    cluster.install(ring.at(cluster.ring.epoch + 1), nodes, before)
  }

  /** `change` comes to pass once, in the midst of the next read, when it has its answer. */
  meanwhile(change: () => void): void {
    const { lookup } = this.reading.reads as unknown as { lookup: Lookup }
    lookup.text = (key) => {
      Reflect.deleteProperty(lookup, 'text')
      const found = lookup.text(key)
      change()
      return found
    }
  }

  get follower(): Follower {
    return (this.attached as unknown as { follower: Follower }).follower
  }

  get routes(): FollowedRoutes {
    return this.follower.routes
  }

  get followers(): Set<object> {
    return (this.parts.announcer as unknown as { followers: Set<object> }).followers
  }
}

test('a read in whose midst the ring changes is done again', async () => {
  await using opening = await opened()
  const scene = await Scene.of(opening.engine)
  const { bucket, reading } = scene
  await bucket.put('k', 'old')
  const { rest, all } = scene.circles('k')
  scene.meanwhile(() => {
    scene.begin(rest)
    bucket.put('k', 'new')
  })
  assert.is(reading.getTextSync('k'), 'new')
  scene.meanwhile(() => scene.begin(all))
  assert.is(reading.getTextSync('k'), 'old', 'as that ring has it')
  assert.equal([bucket.usage().gets, bucket.usage().hits], [2, 2])
})

test('a line that stays in mid-change at a node that is gone is no hindrance', async () => {
  await using opening = await opened()
  const scene = await Scene.of(opening.engine)
  await scene.bucket.put('k', 'old')
  const { rest } = scene.circles('k')
  scene.meanwhile(() => {
    scene.begin(rest)
    scene.bucket.put('k', 'new')
    throw new Error('busy')
  })
  assert.is(scene.reading.getTextSync('k'), 'new')
  scene.meanwhile(() => {
    throw new RangeError('as the ring stays')
  })
  assert.throws(() => scene.reading.getTextSync('k'), /as the ring stays/)
})

test('a ring that changes in the midst of every look: busy in the end', async () => {
  await using opening = await opened()
  const scene = await Scene.of(opening.engine)
  const { all } = scene.circles('k')
  const again = (): void => {
    scene.begin(all)
    scene.meanwhile(again)
  }
  scene.meanwhile(again)
  assert.is(await codeOf(() => scene.reading.getTextSync('k')), 'busy')
})

test('while keys move: the owner, the former owner, the owner again', async () => {
  await using opening = await opened()
  const scene = await Scene.of(opening.engine)
  const { bucket, reading } = scene
  await bucket.put('k', 'there')
  const { rest, all } = scene.circles('k')
  scene.begin(rest, all)
  assert.is(reading.getTextSync('k'), 'there')
  assert.is(reading.getTextSync('nobody'), undefined)
  const former = scene.routes.before?.nodes[all.ring.ownerIndex(bucket.explain('k').hash)]
  assert.ok(former)
  const reader = former.reader as { textOf: Reader['textOf'] }
  reader.textOf = () => {
    scene.begin(rest) // as if the key had come over just now
    bucket.put('k', 'here')
    scene.begin(rest, all)
    return undefined
  }
  scene.follower.follow()
  assert.is(reading.getTextSync('k'), 'here')
})

test('the former owner of an economy key is not asked, also after a change of the tier', async () => {
  await using opening = await opened()
  const scene = await Scene.of(opening.engine, 'economy')
  const { bucket, reading } = scene
  await bucket.put('k', 'v')
  assert.is(reading.getTextSync('k'), 'v')
  const { rest, all } = scene.circles('k')
  scene.begin(rest, all)
  assert.is(reading.getTextSync('k'), undefined)
  await bucket.update({ tier: 'standard' })
  assert.is(reading.getTextSync('k'), 'v')
  await bucket.update({ tier: 'economy' })
  assert.is(reading.getTextSync('k'), undefined)
  await opening.engine.deleteBucket(bucket.id)
  const next = await opening.engine.createBucket('standard')
  scene.begin(all)
  await next.put('k', 'v')
  scene.begin(rest, all)
  assert.is(scene.attached.bucket(next.id)?.getTextSync('k'), 'v', 'in the same place')
})

test('routes are posted before their count is: whoever sees it finds them', async () => {
  await using opening = await opened()
  const scene = await Scene.of(opening.engine)
  const { directory } = scene.follower
  const first = directory.news
  const seen: number[][] = []
  scene.followers.add({
    port: {
      close: () => {},
      postMessage: ({ routes }: { routes: Announced }) => {
        seen.push([directory.news - first, routes.epoch])
      },
    },
  })
  const { rest, all } = scene.circles('k')
  scene.begin(rest, all)
  scene.begin(rest)
  assert.equal(seen, [
    [0, 2],
    [1, 3],
  ])
  assert.is(directory.news - first, 2)
  scene.reading.getTextSync('k')
  assert.equal([scene.routes.ring.epoch, scene.routes.before], [3, undefined])
  assert.equal(scene.routes.ring.members, rest.ring.members)
  assert.equal([...scene.routes.ring.tokens], [...rest.ring.tokens])
})

test('memory of a node that is gone is let go, by a thread that reads nothing as well', async () => {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  await using opening = await opened()
  const scene = await Scene.of(opening.engine)
  const buffers = () =>
    scene.routes.nodes.map((node) => {
      return new WeakRef(node.memory)
    })
  const isGone = async (refs: readonly WeakRef<object>[]) => {
    for (let tries = 0; tries < 50; tries++) {
      await pass(2)
      gc()
      if (refs.every((ref) => ref.deref() === undefined)) {
        return true
      }
    }
    return false
  }
  assert.equal(
    scene.routes.nodes.map(({ id }) => id),
    ['n1', 'n2'],
  )
  const first = buffers().slice(1)
  await (await opening.engine.removeNode('n2')).done
  assert.ok(await isGone(first), 'once it has left')
  assert.is(scene.routes.nodes.length, 1)
  const second = buffers()
  scene.attached.close()
  assert.ok(await isGone(second), 'once nobody is attached')
})

test('a handle is for one engine in one thread; after close nothing is read', async () => {
  await using opening = await opened()
  const { engine } = opening
  const scene = await Scene.of(engine)
  const handle = engine.handle()
  const attached = Engine.attach(handle)
  const reading = attached.bucket(scene.bucket.id)
  assert.ok(reading)
  assert.is(await codeOf(() => Engine.attach(handle)), 'invalid_option')
  const posted = engine.handle()
  structuredClone(posted, { transfer: posted.transfer as never })
  assert.is(await codeOf(() => Engine.attach(posted)), 'invalid_option', 'somebody else has it')
  assert.is(reading.getTextSync('k'), undefined)
  attached.close()
  assert.is(await codeOf(() => reading.getTextSync('k')), 'closed')
  attached.close()
})

test('a thread that has ended is forgotten, whichever way it ended', async () => {
  await using opening = await opened()
  const { engine } = opening
  const scene = await Scene.of(engine)
  const ports = scene.followers
  const isDownTo = async (count: number) => {
    for (let tries = 0; tries < 500 && ports.size !== count; tries++) {
      await pass(2)
    }
    return ports.size === count
  }
  const flag = new SharedArrayBuffer(8)
  const start = (source: string): Worker => {
    const handle = engine.handle()
    return new Worker(source, {
      eval: true,
      workerData: { handle, flag },
      transferList: handle.transfer,
    })
  }
  const own = ports.size
  const file = new URL('./attached-worker.js', import.meta.url).href
  start('') // ends at once, and never attaches
  const busy = start(`import(${JSON.stringify(file)})`)
  try {
    assert.ok(await isDownTo(own + 1))
  } finally {
    await busy.terminate()
  }
  assert.ok(await isDownTo(own))
  scene.attached.close()
  assert.ok(await isDownTo(own - 1))
})

test('an engine that is closed waits for no thread; what is attached reads on', async () => {
  const { engine } = await opened()
  const scene = await Scene.of(engine)
  await scene.bucket.put('k', 'v')
  const late = engine.handle()
  await engine.close()
  assert.is(scene.followers.size, 0)
  assert.is(scene.reading.getTextSync('k'), 'v')
  assert.is(Engine.attach(late).bucket(scene.bucket.id)?.getTextSync('k'), 'v')
  assert.is(Engine.attach(engine.handle()).bucket(scene.bucket.id)?.getTextSync('k'), 'v')
  assert.is(scene.followers.size, 0)
})

test.run()
