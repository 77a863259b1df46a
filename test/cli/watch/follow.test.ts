import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Remote } from '../../../src/cli/remote.js'
import type { RingNews, RingView } from '../../../src/cli/ring-shapes.js'
import { type Follower, follow } from '../../../src/cli/watch/follow.js'
import { ring } from './rings.js'

const following = suite('cli watch follow')

/** A server of which a test decides how it answers, and when it is there. */
class Fake {
  status = 200
  eventStatus = 200
  epoch = 1
  streams: ServerResponse[] = []
  port = 0
  private server: Server | undefined

  async start(): Promise<void> {
    const server = createServer((req, res) => {
      const status = req.url === '/v1/events' ? this.eventStatus : this.status
      if (status !== 200) {
        res.writeHead(status).end(JSON.stringify({ code: 'forbidden', detail: 'no' }))
      } else if (req.url === '/v1/events') {
        this.streams.push(res)
        res.writeHead(200, { 'Content-Type': 'text/event-stream' })
        this.say(res, { ...ring({ epoch: this.epoch }), type: 'ring', cause: 'connected' })
      } else {
        res.end(JSON.stringify(ring({ epoch: this.epoch })))
      }
    })
    this.server = server
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve))
    this.port = (server.address() as AddressInfo).port
  }

  say(res: ServerResponse, event: RingNews): void {
    res.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  }

  async stop(): Promise<void> {
    const { server } = this
    this.streams = []
    server?.closeAllConnections()
    await new Promise((resolve) => server?.close(resolve))
  }
}

/** Remembers what it was told, and lets a test wait for it. */
class Ear implements Follower {
  readonly rings: RingView[] = []
  readonly events: RingNews[] = []
  readonly losses: [string, number, number][] = []
  private look: () => void = () => {}

  see(one: RingView): void {
    this.rings.push(one)
    this.look()
  }
  hear(event: RingNews): void {
    this.events.push(event)
    this.look()
  }
  lose(error: Error, attempt: number, attempts: number): void {
    this.losses.push([error.message, attempt, attempts])
    this.look()
  }
  until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const patience = setTimeout(() => reject(new Error('it did not come')), 15_000)
      this.look = () => {
        if (!isSo()) return
        clearTimeout(patience)
        resolve()
      }
      this.look()
    })
  }
}

let fake: Fake
let ear: Ear
let stop: AbortController

following.before.each(async () => {
  fake = new Fake()
  ear = new Ear()
  stop = new AbortController()
  await fake.start()
})
following.after.each(async () => {
  stop.abort()
  await fake.stop()
})

function start(intervalMs: number, delaysMs: readonly number[] = [1]): Promise<void> {
  const remote = new Remote(new URL(`http://127.0.0.1:${fake.port}`), 'key', { retries: 0 })
  return follow(remote, { intervalMs, signal: stop.signal, delaysMs }, ear)
}

function failureOf(ended: Promise<void>): Promise<string> {
  return ended.then(
    () => 'none',
    (error: Error) => error.message,
  )
}

following('the ring is asked for each interval; the signal ends it', async () => {
  const ended = start(1)
  await ear.until(() => ear.rings.length >= 3)
  stop.abort()
  await ended
  assert.equal(ear.losses, [])
})

following('an event is told at once, and the ring asked for without waiting', async () => {
  const ended = start(3_600_000)
  await ear.until(() => ear.rings.length >= 1 && fake.streams.length === 1)
  assert.equal(ear.events, [], 'the first event is the ring as it is, and no news')
  fake.epoch = 2
  fake.say(fake.streams[0], { type: 'ring', epoch: 2, cause: 'join' })
  await ear.until(() => ear.rings.at(-1)?.epoch === 2)
  assert.equal(ear.events, [{ type: 'ring', epoch: 2, cause: 'join' }])
  stop.abort()
  await ended
})

following('a connection that is lost is sought again, and the watch goes on', async () => {
  const ended = start(
    3_600_000,
    Array.from({ length: 200 }, () => 20),
  )
  await ear.until(() => ear.rings.length >= 1 && fake.streams.length === 1)
  await fake.stop()
  await ear.until(() => ear.losses.length >= 3)
  const before = ear.rings.length
  fake.epoch = 5
  await fake.start()
  await ear.until(() => ear.rings.length > before)
  assert.is(ear.rings.at(-1)?.epoch, 5)
  assert.equal(
    ear.losses.slice(0, 3).map(([, attempt, attempts]) => [attempt, attempts]),
    [
      [1, 200],
      [2, 200],
      [3, 200],
    ],
  )
  stop.abort()
  await ended
})

following('a server that stays away is given up', async () => {
  const ended = failureOf(start(10, [1, 1, 1]))
  await ear.until(() => ear.rings.length >= 1)
  await fake.stop()
  assert.match(await ended, /--url: http:\/\/127\.0\.0\.1:\d+ does not answer: ECONNREFUSED/)
  assert.is(ear.losses.length, 3)
  await fake.start()
})

following('a server that was never there, or says no, is not asked again', async () => {
  fake.status = 403
  assert.is(await failureOf(start(10)), '403: no')
  fake.status = 200
  fake.eventStatus = 404
  assert.is(await failureOf(start(10)), '404: no')
  await fake.stop()
  assert.match(await failureOf(start(10)), 'does not answer')
  assert.equal(ear.losses, [])
  await fake.start()
})

following('a credential that is revoked ends the watch', async () => {
  const ended = failureOf(start(5))
  await ear.until(() => ear.rings.length >= 2)
  fake.status = 401
  assert.is(await ended, '401: no')
})

following('without a place among those who listen, the ring each interval will do', async () => {
  fake.eventStatus = 503
  const ended = start(1)
  await ear.until(() => ear.rings.length >= 4)
  assert.equal(ear.losses, [])
  stop.abort()
  await ended
})

following('another kind of server is told as such', async () => {
  const server = createServer((_, res) => res.end(JSON.stringify({ hello: 1 })))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const remote = new Remote(new URL(`http://127.0.0.1:${port}`), 'key')
  const options = { intervalMs: 1, signal: stop.signal }
  assert.match(await failureOf(follow(remote, options, ear)), 'is no Annulus server')
  server.closeAllConnections()
  server.close()
})

following.run()
