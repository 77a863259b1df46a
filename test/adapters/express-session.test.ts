import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import session, { type SessionData } from 'express-session'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AnnulusSessionStore } from '../../src/adapters/express-session.js'
import { CacheError } from '../../src/errors.js'
import { codeOf } from '../engine/opened.js'
import { gate } from './gate.js'
import { type Place, places } from './places.js'

declare module 'express-session' {
  interface SessionData {
    user?: string
    count?: number
  }
}

const MINUTE_MS = 60_000

const systemNow = Date.now
/** Cookies are of the clock of the process: it goes on, from so much later. */
function later(ms: number): void {
  const before = Date.now
  Date.now = () => before() + ms
}
/** A cookie reads the clock twice: a millisecond between the two would be missing in its age. */
function stopTheClock(): void {
  const now = Date.now()
  Date.now = () => now
}

/** An application with sessions in the place, and a browser of one tab that calls it. */
class Application {
  readonly store: AnnulusSessionStore
  cookie: string | undefined
  /** How often the browser was given a cookie. */
  cookies = 0
  /** A request to /slow comes in, and may go on. */
  readonly entered = gate()
  readonly released = gate()
  private readonly server: Server

  constructor(place: Place, options: Partial<session.SessionOptions> = {}) {
    this.store = new AnnulusSessionStore({ bucket: place.bucket })
    const app = express()
    app.use(
      session({
        store: this.store,
        secret: 'a secret of these tests',
        resave: false,
        saveUninitialized: false,
        cookie: { maxAge: 10 * MINUTE_MS },
        ...options,
      }),
    )
    app.get('/login/:user', (req, res, next) => {
      req.session.regenerate((error) => {
        if (error) return next(error)
        req.session.user = req.params.user
        res.send('welcome')
      })
    })
    app.get('/me', (req, res) => void res.send(req.session.user ?? 'nobody'))
    app.get('/count', (req, res) => {
      req.session.count = (req.session.count ?? 0) + 1
      res.send(`${req.session.count}`)
    })
    app.get('/slow', async (req, res) => {
      this.entered.open()
      await this.released.opened
      res.send(req.session.user ?? 'nobody')
    })
    app.get('/save', (req, res, next) => {
      req.session.count = 1
      req.session.save((error) => (error ? next(error) : res.send(req.session.user)))
    })
    app.get('/logout', (req, res, next) => {
      req.session.destroy((error) => (error ? next(error) : res.send('bye')))
    })
    app.use(((error, _req, res, _next) => {
      res.status(500).send(error instanceof CacheError ? error.code : String(error))
    }) as express.ErrorRequestHandler)
    this.server = app.listen(0, '127.0.0.1')
  }

  async ask(path: string): Promise<string> {
    if (!this.server.listening) await once(this.server, 'listening')
    const { port } = this.server.address() as AddressInfo
    const headers: Record<string, string> = this.cookie === undefined ? {} : { Cookie: this.cookie }
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers })
    const set = answer.headers.get('Set-Cookie')
    if (set !== null) {
      this.cookie = set.split(';')[0]
      this.cookies++
    }
    return answer.text()
  }

  close(): void {
    this.server.closeAllConnections()
    this.server.close()
  }
}

interface Context {
  place: Place
  app: Application
}

/** What of a store's call comes to its callback. */
function called<T>(call: (callback: (error: unknown, result?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result as T)))
  })
}

function dataOf(more: Partial<SessionData> = {}): SessionData {
  return { cookie: new session.Cookie(), ...more }
}

for (const [where, open] of places) {
  const test = suite<Context>(`express-session over ${where}`)

  test.before.each(async (context) => {
    context.place = await open()
    context.app = new Application(context.place)
  })
  test.after.each(async ({ place, app }) => {
    Date.now = systemNow
    app.close()
    await place.close()
  })

  test('who logs in stays so, until the logout', async ({ app }) => {
    assert.is(await app.ask('/me'), 'nobody')
    assert.is(app.cookie, undefined)
    await app.ask('/login/john')
    assert.is(await app.ask('/me'), 'john')
    const former = app.cookie
    await app.ask('/login/kate')
    assert.is.not(app.cookie, former)
    assert.is(await app.ask('/me'), 'kate')
    assert.is(await called<number>((done) => app.store.length(done)), 1, "john's is gone")
    const cookie = app.cookie
    await app.ask('/logout')
    app.cookie = cookie
    assert.is(await app.ask('/me'), 'nobody')
  })

  test('a session counts across requests, and across processes', async ({ place, app }) => {
    assert.is(await app.ask('/count'), '1')
    assert.is(await app.ask('/count'), '2')
    const other = new Application({ ...place, bucket: place.another() })
    other.cookie = app.cookie
    assert.is(await other.ask('/count'), '3')
    other.close()
    assert.is(await app.ask('/count'), '4')
  })

  test('a session ends when nobody has asked for as long as its cookie lives', async (context) => {
    const { place, app } = context
    await app.ask('/login/john')
    for (let i = 0; i < 3; i++) {
      place.clock.advance(9 * MINUTE_MS)
      assert.is(await app.ask('/me'), 'john', 'each request gives it ten minutes more')
    }
    place.clock.advance(10 * MINUTE_MS)
    assert.is(await app.ask('/me'), 'nobody')
  })

  test('a session that reads have kept alive can be saved, as in memory', async (context) => {
    const { place, app } = context
    const inMemory = new Application(place, { store: new session.MemoryStore() })
    const told: string[][] = []
    for (const each of [app, inMemory]) {
      const answers = [await each.ask('/login/john')]
      for (const path of ['/me', '/me', '/me', '/me', '/save', '/me', '/count']) {
        place.clock.advance(4 * MINUTE_MS)
        later(4 * MINUTE_MS)
        answers.push(await each.ask(path))
      }
      told.push(answers)
    }
    inMemory.close()
    const john = Array.from({ length: 6 }, () => 'john')
    assert.equal(
      told,
      [1, 2].map(() => ['welcome', ...john, '2']),
    )
  })

  test('what is read has a cookie that lives', async ({ place, app: { store } }) => {
    const data = dataOf()
    data.cookie.maxAge = 10 * MINUTE_MS
    await called((done) => store.set('id', data, done))
    const sid = 'id'
    const leftOf = (read: SessionData) => new Date(read.cookie.expires ?? 0).getTime() - Date.now()
    for (let i = 0; i < 2; i++) {
      place.clock.advance(9 * MINUTE_MS)
      later(9 * MINUTE_MS)
      data.cookie.maxAge = 10 * MINUTE_MS
      await called((done) => store.touch(sid, data, done))
    }
    const read = await called<SessionData | null>((done) => store.get(sid, done))
    const all = await called<Record<string, SessionData>>((done) => store.all(done))
    assert.ok(read && leftOf(read) > 9 * MINUTE_MS)
    assert.ok(leftOf(all[sid]) > 9 * MINUTE_MS)
  })

  test('what is no session, and stands among them, hides none', async (context) => {
    const { place, app } = context
    await called((done) => app.store.set('id', dataOf({ user: 'john' }), done))
    await place.bucket.put('sess:null', 'null')
    await place.bucket.put('sess:half', '{"cookie":')
    const all = await called<Record<string, SessionData>>((done) => app.store.all(done))
    assert.equal(Object.keys(all), ['id'])
  })

  test('a request that outlasts its cookie saves what it has changed', async (context) => {
    const { place, app } = context
    stopTheClock()
    const data = dataOf({ user: 'john' })
    data.cookie.maxAge = 10 * MINUTE_MS
    await called((done) => app.store.set('id', data, done))
    later(11 * MINUTE_MS)
    await called((done) => app.store.set('id', { ...data, user: 'kate' }, done))
    place.clock.advance(10 * MINUTE_MS - 1)
    const read = await called<SessionData | null>((done) => app.store.get('id', done))
    assert.is(read?.user, 'kate')
    place.clock.advance(1)
    assert.is(await called((done) => app.store.get('id', done)), null)
  })

  test('rolling renews the cookie with the session', async ({ place, app }) => {
    const rolling = new Application(place, { rolling: true })
    for (const each of [rolling, app]) {
      await each.ask('/login/john')
      place.clock.advance(9 * MINUTE_MS)
      assert.is(await each.ask('/me'), 'john')
      place.clock.advance(9 * MINUTE_MS)
      assert.is(await each.ask('/me'), 'john')
    }
    rolling.close()
    assert.equal([rolling.cookies, app.cookies], [3, 1])
  })

  test('a request that changes nothing undoes no change of another', async ({ app }) => {
    await app.ask('/login/john')
    const slow = app.ask('/slow')
    await app.entered.opened
    assert.is(await app.ask('/count'), '1')
    app.released.open()
    assert.is(await slow, 'john')
    assert.is(await app.ask('/count'), '2')
  })

  test('a request that is late by a logout does not bring the session back', async ({ app }) => {
    await app.ask('/login/john')
    const slow = app.ask('/slow')
    await app.entered.opened
    await app.ask('/logout')
    app.released.open()
    await slow
    assert.is(await app.ask('/me'), 'nobody')
  })

  test('many at one time have a session each', async ({ app }) => {
    await app.ask('/login/john')
    const answers = await Promise.all(Array.from({ length: 20 }, () => app.ask('/me')))
    assert.equal(new Set(answers), new Set(['john']))
    app.cookie = undefined
    await Promise.all(Array.from({ length: 20 }, (_, i) => app.ask(`/login/${i}`)))
    assert.ok((await called<number>((done) => app.store.length(done))) > 1)
  })

  test('all, length and clear are about the sessions alone', async ({ place, app: { store } }) => {
    await place.bucket.put('beside', 'v')
    const ids = Array.from({ length: 150 }, (_, i) => `id-${i}`)
    for (const sid of ids) await called((done) => store.set(sid, dataOf({ user: sid }), done))
    assert.is(await called<number>((done) => store.length(done)), 150)
    const all = await called<Record<string, SessionData>>((done) => store.all(done))
    assert.equal(Object.keys(all).sort(), ids.sort())
    assert.is(all['id-7'].user, 'id-7')
    await called((done) => store.clear(done))
    assert.is(await called<number>((done) => store.length(done)), 0)
    assert.is(await place.bucket.getText('beside'), 'v')
  })

  test('a cookie without an end lives as long as the store says', async ({ place }) => {
    const store = new AnnulusSessionStore({ bucket: place.bucket, ttl: '1h', prefix: '' })
    await called((done) => store.set('id', dataOf(), done))
    place.clock.advance(60 * MINUTE_MS - 1)
    assert.ok(await called((done) => store.get('id', done)))
    await called((done) => store.touch('id', dataOf(), done))
    place.clock.advance(60 * MINUTE_MS - 1)
    assert.ok(await called((done) => store.get('id', done)))
    place.clock.advance(1)
    assert.is(await called((done) => store.get('id', done)), null)
    await called((done) => store.set('id', dataOf(), done))
    await called((done) => store.clear(done))
    assert.is(await called<number>((done) => store.length(done)), 0, 'no prefix: all of the bucket')
  })

  test('a cookie that is over ends its session, one of many years is cut', async (context) => {
    const { place, app } = context
    const until = (expires: Date) => {
      const data = dataOf()
      data.cookie.expires = expires
      return data
    }
    const { store } = app
    await called((done) => store.set('id', dataOf(), done))
    await called((done) => store.touch('id', until(new Date(Date.now() - 1)), done))
    assert.is(await called((done) => store.get('id', done)), null)
    await called((done) => store.set('id', dataOf(), done))
    await called((done) => store.set('id', until(new Date(0)), done))
    assert.is(await called((done) => store.get('id', done)), null)
    await called((done) => store.set('id', until(new Date(Date.now() + 1e12)), done))
    place.clock.advance(364 * 24 * 60 * MINUTE_MS)
    assert.ok(await called((done) => store.get('id', done)))
  })

  test('what fails comes to the callback, and to the application', async ({ place, app }) => {
    const { store } = app
    const long = 'x'.repeat(2_000)
    const code = (call: Parameters<typeof called>[0]) => codeOf(() => called(call))
    assert.is(await code((done) => store.get(long, done)), 'key_too_long')
    assert.is(await code((done) => store.set(long, dataOf(), done)), 'key_too_long')
    assert.is(await code((done) => store.touch(long, dataOf(), done)), 'key_too_long')
    assert.is(await code((done) => store.destroy(long, done)), 'key_too_long')
    store.set(long, dataOf())
    store.destroy(long)
    await place.bucket.put('sess:broken', 'no JSON')
    const broken = await called((done) => store.get('broken', done)).catch(({ name }) => name)
    assert.is(broken, 'SyntaxError')
    await place.close()
    const closed = where === 'HTTP' ? 'unreachable' : 'closed'
    assert.is(await app.ask('/login/john'), closed)
  })

  test('an immutable bucket is refused', async () => {
    const place = await open({ immutable: true })
    try {
      const store = new AnnulusSessionStore({ bucket: place.bucket })
      await called((done) => store.set('id', dataOf(), done))
      const again = () => called((done) => store.set('id', dataOf(), done))
      assert.is(await codeOf(again), 'key_exists')
    } finally {
      await place.close()
    }
  })

  test.run()
}

const test = suite<{ place: Place }>('express-session')

test('options are checked', async () => {
  const { bucket, close } = await places[0][1]()
  assert.is(await codeOf(() => new AnnulusSessionStore({ bucket, ttl: 'a while' })), 'invalid_ttl')
  await close()
})

test.run()
