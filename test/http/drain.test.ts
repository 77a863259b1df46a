import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { drain } from '../../src/http/drain.js'

const drains = suite('http drain')

/** A request whose bytes the test sends. */
function incoming(): PassThrough & IncomingMessage {
  return Object.assign(new PassThrough(), { complete: false }) as never
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

drains('reads up to 1 MiB away, then gives up, a moment later', async () => {
  const req = incoming()
  let ends = 0
  drain(req, () => ends++)
  for (let i = 0; i < 16; i++) {
    req.write(Buffer.alloc(65_536))
    await turn()
  }
  assert.is(ends, 0)
  req.write(Buffer.alloc(1))
  await turn()
  assert.is(req.isPaused(), true, 'nothing more is read')
  assert.is(ends, 0, 'so that the answer is seen')
  while (ends === 0) await turn()
  req.end()
  await turn()
  assert.is(ends, 1, 'once')
})

drains('is done when the body ends or the client goes', async () => {
  for (const leave of ['end', 'destroy'] as const) {
    const req = incoming()
    let ends = 0
    drain(req, () => ends++)
    req.write('abc')
    await turn()
    assert.is(ends, 0, leave)
    req[leave]()
    await turn()
    await turn()
    assert.is(ends, 1, leave)
  }
})

drains('a silent client is left after a while', async () => {
  let ends = 0
  await new Promise<void>((resolve) => {
    drain(incoming(), () => {
      ends++
      resolve()
    })
    assert.is(ends, 0, 'not at once')
  })
  assert.is(ends, 1)
})

drains.run()
