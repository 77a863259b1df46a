import { connect, type Socket } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { z } from 'zod'
import type { Engine } from '../../src/engine/engine.js'
import { MAX_UNREAD_BYTES, MAX_WATCHERS } from '../../src/http/event-streams.js'
import { connectedEvent, migrationEvent, nodeEvent, ringEvent } from '../../src/http/schemas.js'
import { type Listener, listen } from './listener.js'
import { codeOf, message, ROOT_KEY, raw, type Served, type ServedOptions, serve } from './served.js'

const events = suite('http events')

const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  ring: ringEvent,
  migration: migrationEvent,
  node: nodeEvent,
}

type Tell = Parameters<Engine['watch']>[0]
type RingEvent = Parameters<Tell>[0]

let served: Served
let listeners: Listener[] = []
let sockets: Socket[] = []

async function start(options: ServedOptions = {}): Promise<void> {
  served = await serve(options)
}

events.after.each(async () => {
  for (const listener of listeners) listener.leave()
  for (const socket of sockets) socket.destroy()
  listeners = []
  sockets = []
  await served.close()
})

async function watcher(key: string | undefined = ROOT_KEY): Promise<Listener> {
  const listener = await listen(served.server.port, key)
  listeners.push(listener)
  return listener
}

/** A client that asks for the events and decides itself when it reads. */
function rawWatcher(before = ''): Socket {
  const socket = connect({ port: served.server.port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => {})
  socket.write(
    `${before}GET /v1/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${ROOT_KEY}\r\n\r\n`,
  )
  sockets.push(socket)
  return socket
}

/** Lets a test say what the engine would. */
function loudspeaker(): { wrap: (engine: Engine) => Engine; say: Tell } {
  const told: Tell[] = []
  const watch: Engine['watch'] = (tell) => {
    told.push(tell)
    return () => told.splice(told.indexOf(tell), 1)
  }
  return {
    wrap: (engine) => Object.assign(Object.create(engine) as Engine, { watch }),
    say: (event) => {
      for (const tell of told) tell(event)
    },
  }
}

const news = (cause: string): RingEvent => ({ type: 'ring', epoch: 7, cause })

events('begins with the whole ring, then tells what happens, numbered one by one', async () => {
  await start()
  const listener = await watcher()
  assert.is(listener.status, 200)
  assert.is(listener.headers['content-type'], 'text/event-stream')
  assert.is(listener.headers['cache-control'], 'no-store')
  const first = await listener.until(({ type }) => type === 'ring')
  assert.is(first.data['type'], 'ring')
  assert.is(first.data['cause'], 'connected')
  const { nodes, migrations } = first.data as { nodes: { id: string }[]; migrations: unknown[] }
  assert.equal(
    nodes.map(({ id }) => id),
    ['n1', 'n2'],
  )
  assert.equal(migrations, [])

  const added = await served.call('POST', '/v1/nodes', { key: served.root })
  assert.is(added.status, 202, added.text)
  const { node, migration: id } = added.json
  const isDone = ({ type, data }: { type: string; data: object }) =>
    type === 'migration' && JSON.stringify(data).includes('"state":"done"')
  const done = await listener.until(isDone)
  assert.is((done.data['migration'] as { id: string }).id, id)
  const types = new Set(listener.heard.map(({ type }) => type))
  assert.equal([...types].sort(), ['migration', 'node', 'ring'])
  const epochs = listener.heard
    .filter(({ type }) => type === 'ring')
    .map(({ data }) => data['epoch'])
  assert.equal(
    epochs,
    [...epochs].sort((a, b) => Number(a) - Number(b)),
  )
  assert.ok(listener.heard.some(({ type, data }) => type === 'node' && data['node'] === node))
  for (const [i, { id: number, type, data }] of listener.heard.entries()) {
    assert.is(number, first.id + i)
    const schema = i === 0 ? connectedEvent : SCHEMAS[type]
    assert.equal(schema.parse(data), data)
  }
})

events('a host that went bad is told', async () => {
  await start()
  const listener = await watcher()
  const failed = await served.call('POST', '/v1/nodes/n2/fail', { key: served.root })
  assert.is(failed.status, 202, failed.text)
  const heard = await listener.until(({ type, data }) => {
    return type === 'ring' && data['epoch'] === failed.json.epoch
  })
  assert.type(heard.data['cause'], 'string')
})

events('all who listen hear the same, under the same numbers', async () => {
  const { wrap, say } = loudspeaker()
  await start({ wrap })
  say(news('nobody listens'))
  const one = await watcher()
  const other = await watcher()
  say(news('x'))
  say({ type: 'node', node: 'n1', state: 'recovering', cause: 'line\nbreak' })
  const isLast = ({ type }: { type: string }) => type === 'node'
  await Promise.all([one.until(isLast), other.until(isLast)])
  assert.equal(one.heard, other.heard)
  assert.equal(
    one.heard.map(({ id, type }) => [id, type]),
    [
      [1, 'ring'],
      [2, 'ring'],
      [3, 'node'],
    ],
  )
  assert.is(one.heard[2].data['cause'], 'line\nbreak')
})

events('a quiet stream is kept alive by comments', async () => {
  await start({ server: { heartbeatMs: 20 } })
  const listener = await watcher()
  await listener.untilText(': still here\n\n: still here\n\n')
  assert.is(listener.heard.length, 1)
})

events('beyond the most that may listen one is refused, until another leaves', async () => {
  await start({ server: { heartbeatMs: 20 } })
  const all = await Promise.all(Array.from({ length: MAX_WATCHERS }, () => watcher()))
  assert.ok(all.every(({ status }) => status === 200))
  const refused = await served.call('GET', '/v1/events', { key: served.root })
  assert.is(refused.status, 503)
  assert.is(refused.json.code, 'overloaded')
  assert.is(refused.headers['retry-after'], '1')
  all[0].leave()
  await all[0].ended
  await becomes(async () => (await watcher()).status === 200)
})

events('who shuts its side has left', async () => {
  await start()
  const half = Array.from({ length: MAX_WATCHERS }, () => rawWatcher())
  await Promise.all(half.map((socket) => new Promise((resolve) => socket.once('data', resolve))))
  assert.is((await served.call('GET', '/v1/events', { key: served.root })).status, 503)
  half[0].end()
  await becomes(async () => (await watcher()).status === 200)
})

events('who does not read is cut off, and the others hear everything', async () => {
  const { wrap, say } = loudspeaker()
  await start({ wrap })
  const reader = await watcher()
  const slow = rawWatcher()
  let read = 0
  await new Promise((resolve) => slow.once('readable', resolve))
  const closed = new Promise((resolve) => slow.once('end', resolve).once('close', resolve))
  // The system's buffers take some megabytes before anything is left with us.
  const piece = 'x'.repeat(65_536)
  const count = (64 * MAX_UNREAD_BYTES) / piece.length
  for (let i = 1; i <= count; i++) {
    say(news(piece))
    await reader.until(() => reader.heard.length === i + 1)
  }
  slow.on('data', (chunk) => {
    read += chunk.length
  })
  await closed
  assert.ok(read < (count * piece.length) / 2, `${read} bytes lay there`)
  assert.is(reader.heard.length, count + 1)
})

events('a flood in one turn does not outgrow the limit either', async () => {
  const { wrap, say } = loudspeaker()
  await start({ wrap })
  const listener = await watcher()
  await listener.until(() => true)
  for (let i = 0; i < 400; i++) say(news('y'.repeat(65_536)))
  await listener.ended
  assert.ok(listener.text().length < 20 * MAX_UNREAD_BYTES)
})

events('a revoked credential ends its stream', async () => {
  await start({ server: { heartbeatMs: 20 } })
  const listener = await watcher()
  await listener.until(() => true)
  const rotated = await served.call('POST', '/v1/credentials/rotate', { key: served.root })
  assert.is(rotated.status, 200, rotated.text)
  await listener.ended
  assert.is((await watcher()).status, 401)
  assert.is((await watcher(rotated.json.credentialKey)).status, 200)
})

events('a server that stops waits for nobody who listens', async () => {
  const { wrap, say } = loudspeaker()
  await start({ wrap })
  const listener = await watcher()
  await listener.until(() => true)
  const piece = 'z'.repeat(65_536)
  const flood = async (isEnough: (pieces: number) => boolean) => {
    const slow = rawWatcher()
    await new Promise((resolve) => slow.once('readable', resolve))
    let isCutOff = false
    slow.once('error', () => {
      isCutOff = true
    })
    for (let pieces = 1; ; pieces++) {
      say(news(piece))
      const { length } = listener.heard
      await listener.until(() => listener.heard.length > length)
      if (isCutOff || isEnough(pieces)) return pieces
      // Who does not read learns by writing that it was cut off; between requests this is nothing.
      slow.write('\r\n')
    }
  }
  // How much the system takes for a client that does not read, before it lies with us.
  const tooMuch = await flood(() => false)
  await flood((pieces) => pieces === tooMuch - 8)
  // Longer than a test may take.
  await served.server.close(600_000)
  await listener.ended
})

events('HEAD, a query and a body do not begin a stream', async () => {
  await start()
  const head = await served.call('HEAD', '/v1/events', { key: served.root })
  assert.is(head.status, 200)
  assert.is(head.headers['content-type'], 'text/event-stream')
  const query = await served.call('GET', '/v1/events?since=1', { key: served.root })
  assert.is(query.status, 400)
  assert.is(query.json.code, 'invalid_option')
  const body = await served.call('GET', '/v1/events', { key: served.root, body: 'x' })
  assert.is(body.status, 400)
  const { key } = await served.bucket()
  assert.is((await watcher(key)).status, 403)
  const none = await raw(served.server.port, message('GET /v1/events HTTP/1.1', []))
  assert.is(codeOf(none), 'unauthorized')
})

events(
  'on its connection it comes after what was asked before, and nothing comes after it',
  async () => {
    await start({ server: { heartbeatMs: 20 } })
    const { id, key, path } = await served.bucket()
    const put = `PUT ${path}/keys/a HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key}\r\n`
    const socket = rawWatcher(`${put}Content-Length: 1\r\n\r\nx`)
    socket.write(`${put.replace('/a ', '/b ')}Content-Length: 1\r\n\r\nx`)
    let text = ''
    await new Promise<void>((resolve) => {
      socket.on('data', (chunk) => {
        text += chunk.toString()
        if (text.includes('event: ring')) resolve()
      })
    })
    assert.ok(text.startsWith('HTTP/1.1 201 '), text)
    assert.ok(text.indexOf('HTTP/1.1 200 ') > 0, text)
    const ended = new Promise((resolve) => socket.once('end', resolve))
    await served.call('POST', '/v1/credentials/rotate', { key: served.root })
    await ended
    const bucket = served.engine.bucket(id)
    assert.is(await bucket?.getText('a'), 'x')
    assert.is(await bucket?.getText('b'), undefined)
  },
)

/** Asks again until it is so. */
async function becomes(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (await isSo()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('it did not become so within 5 s')
}

events.run()
