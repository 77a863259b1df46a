import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { serve } from './served.js'

const shutdown = suite('http shutdown')

shutdown(
  'a request in flight is finished, an idle connection closed, a new one refused',
  async () => {
    const served = await serve()
    const bucket = await served.bucket()
    const { port } = served.server
    const agent = new Agent({ keepAlive: true })

    const idle = connect(port, '127.0.0.1')
    const order: string[] = []
    idle.on('close', () => order.push('idle closed'))
    idle.on('error', () => {})
    await new Promise((resolve) => idle.on('connect', resolve))

    const answered = new Promise<{ status: number | undefined; connection: string | undefined }>(
      (resolve, reject) => {
        const headers = { Authorization: `Bearer ${bucket.key}`, 'Content-Length': '6' }
        const path = `${bucket.path}/keys/slow`
        const put = request(
          { port, host: '127.0.0.1', agent, method: 'PUT', path, headers },
          (res) => {
            res.resume()
            resolve({ status: res.statusCode, connection: res.headers.connection })
          },
        )
        put.on('error', reject)
        put.write('abc')
        setTimeout(() => put.end('def'), 200)
      },
    )
    await sleep(50)
    const closed = served.server.close(5_000)
    assert.is((await answered).status, 201)
    order.push('answered')
    await closed
    order.push('closed')
    assert.equal(order, ['idle closed', 'answered', 'closed'])
    const refused = connect(port, '127.0.0.1')
    const [error] = await new Promise<unknown[]>((resolve) => {
      refused.on('error', (...args) => resolve(args))
    })
    assert.is((error as NodeJS.ErrnoException).code, 'ECONNREFUSED')
    agent.destroy()
    await served.engine.close()
  },
)

shutdown('answers on their way to a slow client arrive whole', async () => {
  const served = await serve()
  const bucket = await served.bucket()
  const value = Buffer.alloc(4 * 2 ** 20, 'v')
  const path = `${bucket.path}/keys/large`
  const put = await served.call('PUT', path, { key: bucket.key, body: value })
  assert.is(put.status, 201, put.text)
  const socket = connect(served.server.port, '127.0.0.1')
  const get = `GET ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${bucket.key}\r\n\r\n`
  const count = 6
  socket.write(get.repeat(count))
  await new Promise((resolve) => socket.once('readable', resolve))
  const closed = served.server.close(8_000)
  await sleep(150)
  let bytes = 0
  for await (const chunk of socket) bytes += chunk.length
  assert.ok(bytes > count * value.length, `${bytes} bytes`)
  await closed
  await served.close()
})

shutdown('a client that never ends is cut off after the grace', async () => {
  const served = await serve()
  const bucket = await served.bucket()
  const socket = connect(served.server.port, '127.0.0.1')
  const gone = new Promise((resolve) => socket.on('close', resolve))
  socket.on('error', () => {})
  socket.write(
    `PUT ${bucket.path}/keys/k HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${bucket.key}\r\n` +
      'Content-Length: 10\r\n\r\nabc',
  )
  await sleep(50)
  await served.server.close(100)
  await gone
  await served.engine.close()
})

shutdown.run()
