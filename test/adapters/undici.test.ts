import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as undici7 from 'undici'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AnnulusCacheStore } from '../../src/adapters/undici.js'
import { skip } from '../skip.js'
import { newer } from './newer.js'
import { type Place, places } from './places.js'

type Undici = typeof undici7
type Reply = (req: IncomingMessage, res: ServerResponse) => void

/** A store that can tell when all that it was given is stored, and all that it deletes is gone. */
class WatchedStore extends AnnulusCacheStore {
  private readonly underWay: Promise<unknown>[] = []

  override createWriteStream(...args: Parameters<AnnulusCacheStore['createWriteStream']>) {
    const stream = super.createWriteStream(...args)
    if (stream !== undefined) this.underWay.push(once(stream, 'close'))
    return stream
  }

  override delete(key: Parameters<AnnulusCacheStore['delete']>[0]): Promise<void> {
    const deleted = super.delete(key)
    this.underWay.push(deleted)
    return deleted
  }

  async settled(): Promise<void> {
    while (this.underWay.length > 0) await this.underWay.pop()
  }
}

/** An origin, and an agent that caches what it answers. */
class Scene {
  readonly seen: string[] = []
  readonly store: WatchedStore
  readonly agent: undici7.Dispatcher
  reply: Reply = (_, res) => res.end()
  private readonly undici: Undici
  private readonly server: Server
  private readonly bare: undici7.Agent

  constructor(undici: Undici, place: Place, options: object = {}, server?: Server) {
    const { Agent, interceptors } = undici
    this.undici = undici
    this.bare = new Agent()
    this.store = new WatchedStore({ bucket: place.bucket, ...options })
    const methods = ['GET', 'HEAD'] as const
    this.agent = this.bare.compose(interceptors.cache({ store: this.store, methods: [...methods] }))
    this.server = server ?? createServer((req, res) => this.answer(req, res)).listen(0, '127.0.0.1')
  }

  async ask(path: string, options: { method?: string; headers?: Record<string, string> } = {}) {
    if (!this.server.listening) await once(this.server, 'listening')
    const { method = 'GET', headers = {} } = options
    const url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${path}`
    const answer = await this.undici.request(url, {
      dispatcher: this.agent,
      method: method as undici7.Dispatcher.HttpMethod,
      headers,
    })
    const text = await answer.body.text()
    await this.store.settled()
    return { status: answer.statusCode, headers: answer.headers, text, url }
  }

  /** Another process: a store and an agent of its own, the origin the same. */
  beside(place: Place): Scene {
    return new Scene(this.undici, { ...place, bucket: place.another() }, {}, this.server)
  }

  async close(): Promise<void> {
    await this.bare.close()
    this.server.closeAllConnections()
    this.server.close()
  }

  private answer(req: IncomingMessage, res: ServerResponse): void {
    this.seen.push(`${req.method} ${req.url}`)
    // Its clock goes with the one that this test moves.
    res.setHeader('Date', new Date(Date.now()).toUTCString())
    this.reply(req, res)
  }
}

const systemNow = Date.now
/** undici looks at the clock of the process: it goes on, from so much later. */
function later(ms: number): void {
  const before = Date.now
  Date.now = () => before() + ms
}

interface Context {
  place: Place
  scene: Scene
}

const undici8 = await newer<Undici>('undici')
const releases: [string, Undici][] = [['undici 7', undici7]]
if ('module' in undici8) releases.push(['undici 8', undici8.module])
const grounds = releases.flatMap(([release, undici]) => {
  return places.map(([where, open]) => [`${release}'s cache over ${where}`, undici, open] as const)
})

for (const [name, undici, open] of grounds) {
  const test = suite<Context>(name)

  test.before.each(async (context) => {
    context.place = await open()
    context.scene = new Scene(undici, context.place)
  })
  test.after.each(async ({ place, scene }) => {
    Date.now = systemNow
    await scene.close()
    await place.close()
  })

  test('a fresh response is answered without the origin', async ({ scene }) => {
    scene.reply = (_, res) => {
      res.setHeader('Cache-Control', 'max-age=60')
      res.setHeader('X-Twice', ['a', 'b'])
      res.end('äö')
    }
    const first = await scene.ask('/a?b=1')
    const second = await scene.ask('/a?b=1')
    assert.equal([first.text, second.text], ['äö', 'äö'])
    assert.equal(second.headers['x-twice'], first.headers['x-twice'])
    assert.ok(second.headers['age'] !== undefined, 'it came from the cache')
    await scene.ask('/a?b=2')
    assert.equal(scene.seen, ['GET /a?b=1', 'GET /a?b=2'])
  })

  test('what must not be kept is not', async ({ scene, place }) => {
    scene.reply = (req, res) => res.setHeader('Cache-Control', req.url?.slice(1) ?? '').end('text')
    for (const control of ['no-store', 'private']) {
      await scene.ask(`/${control}`)
      await scene.ask(`/${control}`)
    }
    assert.is(scene.seen.length, 4)
    assert.is((await place.bucket.usage()).puts, 0)
  })

  test('an ETag is asked about, and the kept body stands for a 304', async ({ scene }) => {
    const conditions: unknown[] = []
    scene.reply = (req, res) => {
      conditions.push(req.headers['if-none-match'])
      res.setHeader('ETag', '"one"')
      // A 304 with a Cache-Control of its own would have undici let go of what is kept.
      if (req.headers['if-none-match'] === '"one"') res.writeHead(304).end()
      else res.setHeader('Cache-Control', 'no-cache').end('body')
    }
    for (let i = 0; i < 3; i++) {
      const { status, text } = await scene.ask('/')
      assert.equal([status, text], [200, 'body'])
    }
    assert.equal(conditions, [undefined, '"one"', '"one"'])
  })

  test('a stale response is given once more where the origin has no other', async ({ scene }) => {
    scene.reply = (req, res) => {
      res.setHeader('Cache-Control', 'max-age=10').setHeader('ETag', '"one"')
      if (req.headers['if-none-match'] === '"one"') res.writeHead(304).end()
      else res.end('body')
    }
    assert.is((await scene.ask('/')).text, 'body')
    later(15_000)
    assert.is((await scene.ask('/')).text, 'body')
    assert.is(scene.seen.length, 2)
  })

  test('languages are kept side by side', async ({ scene }) => {
    scene.reply = (req, res) => {
      res.setHeader('Cache-Control', 'max-age=60').setHeader('Vary', 'Accept-Language')
      res.end(`in ${req.headers['accept-language']}`)
    }
    const ask = async (language: string) => {
      return (await scene.ask('/', { headers: { 'Accept-Language': language } })).text
    }
    assert.equal([await ask('en'), await ask('de')], ['in en', 'in de'])
    assert.equal([await ask('en'), await ask('de')], ['in en', 'in de'])
    assert.is(scene.seen.length, 2)
  })

  test('a stale response is given at once while a new one is fetched', async ({ scene }) => {
    let version = 1
    scene.reply = (_, res) => {
      res.setHeader('Cache-Control', 'max-age=10, stale-while-revalidate=60')
      res.end(`version ${version++}`)
    }
    assert.is((await scene.ask('/')).text, 'version 1')
    later(20_000)
    assert.is((await scene.ask('/')).text, 'version 1')
    // Fetched in the background, at some time after the answer.
    for (let tries = 0; (await scene.ask('/')).text === 'version 1'; tries++) {
      assert.ok(tries < 200, 'no new version came')
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.match((await scene.ask('/')).text, /^version [2-9]/)
  })

  test('a 304 that comes in the background keeps the body and makes it fresh', async ({
    scene,
  }) => {
    scene.reply = (req, res) => {
      res.setHeader('Cache-Control', 'max-age=10, stale-while-revalidate=60')
      res.setHeader('ETag', '"one"')
      if (req.headers['if-none-match'] === '"one"') res.writeHead(304).end()
      else res.end('body')
    }
    await scene.ask('/')
    later(20_000)
    assert.match(String((await scene.ask('/')).headers['warning']), /stale/)
    for (let tries = 0; (await scene.ask('/')).headers['warning'] !== undefined; tries++) {
      assert.ok(tries < 200, 'it was not made fresh')
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.is((await scene.ask('/')).text, 'body')
  })

  test('an unsafe method lets go of what was kept', async ({ scene }) => {
    scene.reply = (_, res) => {
      res.setHeader('Cache-Control', 'max-age=60').setHeader('Vary', 'Accept')
      res.end(`answer ${scene.seen.length}`)
    }
    assert.is((await scene.ask('/')).text, 'answer 1')
    assert.is((await scene.ask('/')).text, 'answer 1')
    await scene.ask('/', { method: 'POST' })
    assert.is((await scene.ask('/')).text, 'answer 3')
  })

  test('HEAD and GET are kept apart', async ({ scene }) => {
    scene.reply = (_, res) => res.setHeader('Cache-Control', 'max-age=60').end('body')
    for (const method of ['HEAD', 'GET', 'HEAD', 'GET']) {
      const { status, text } = await scene.ask('/', { method })
      assert.equal([status, text], [200, method === 'HEAD' ? '' : 'body'])
    }
    assert.equal(scene.seen, ['HEAD /', 'GET /'])
  })

  test('large bodies are kept whole up to the limit, and pass through beyond it', async (context) => {
    const { place, scene } = context
    const body = Buffer.alloc(3 * 2 ** 20, 'abcdefghijk').toString()
    scene.reply = (_, res) => res.setHeader('Cache-Control', 'max-age=60').end(body)
    for (let i = 0; i < 2; i++) assert.ok((await scene.ask('/')).text === body)
    assert.is(scene.seen.length, 1)
    const small = new Scene(undici, place, { maxEntrySize: '1mb', prefix: 'small:' })
    small.reply = scene.reply
    for (let i = 0; i < 2; i++) assert.ok((await small.ask('/')).text === body)
    assert.is(small.seen.length, 2)
    await small.close()
  })

  test('what one process has fetched, another need not', async ({ scene, place }) => {
    scene.reply = (_, res) => res.setHeader('Cache-Control', 'max-age=60').end('body')
    await scene.ask('/')
    const other = scene.beside(place)
    assert.is((await other.ask('/')).text, 'body')
    await other.ask('/', { method: 'PUT' })
    await scene.ask('/')
    assert.equal(scene.seen, ['GET /', 'PUT /', 'GET /'])
    await other.close()
  })

  test('fetch goes through it as well', async ({ scene }) => {
    scene.reply = (_, res) => res.setHeader('Cache-Control', 'max-age=60').end('body')
    const { url } = await scene.ask('/')
    const answer = await undici.fetch(url, { dispatcher: scene.agent })
    assert.is(await answer.text(), 'body')
    assert.is(scene.seen.length, 1)
  })

  test('all requests of the process may go through it, those of the bucket too', async (context) => {
    const { scene, place } = context
    scene.reply = (_, res) => res.setHeader('Cache-Control', 'max-age=60').end('body')
    const former = undici.getGlobalDispatcher()
    undici.setGlobalDispatcher(scene.agent)
    try {
      for (const method of ['GET', 'GET', 'POST', 'GET']) {
        assert.is((await scene.ask('/', { method })).text, 'body')
      }
      assert.equal(scene.seen, ['GET /', 'POST /', 'GET /'])
      assert.is((await place.bucket.usage()).puts, 2)
    } finally {
      undici.setGlobalDispatcher(former)
    }
  })

  test('requests go on when the bucket is gone', async ({ scene, place }) => {
    scene.reply = (_, res) => res.setHeader('Cache-Control', 'max-age=60').end('body')
    await place.close()
    for (const method of ['GET', 'GET', 'POST']) {
      assert.is((await scene.ask('/', { method })).text, 'body')
    }
    assert.is(scene.seen.length, 3)
  })

  test.run()
}

if ('missing' in undici8) {
  const test = suite('undici 8')
  skip(test, "undici 8's cache", undici8.missing)
  test.run()
}
