/** A server in a process of its own, whose nodes' workers die when the parent says so. */

import pino from 'pino'
import { Piscina } from 'piscina'
import { Engine } from '../../src/engine/engine.js'
import { startServer } from '../../src/http/server.js'
import { N_READY } from '../../src/node/bell.js'
import type { WorkerTask } from '../../src/node/worker.js'
import type { Ways } from './arena.js'
import { BY_EXIT, BY_HEAP, BY_THROW, DIE_HOW, DIE_IN } from './arena-preload.js'

/** Workers of one node that begin within the window: a few more and it might be declared dead. */
const MOST_WORKERS = 2
const WINDOW_MS = 11_000

interface Life {
  readonly words: Int32Array
  readonly pool: Piscina
  isDying: boolean
}

const lives = new Set<Life>()
const begun = new WeakMap<ArrayBufferLike, number[]>()
const run = Piscina.prototype.run
Piscina.prototype.run = function (task: WorkerTask, ...rest) {
  // A spare thread has no memory yet.
  if (task.memory === undefined) return run.call(this, task, ...rest)
  const life = { words: new Int32Array(task.memory), pool: this, isDying: false }
  lives.add(life)
  begun.set(task.memory, [...(begun.get(task.memory) ?? []), performance.now()])
  const running = run.call(this, task, ...rest)
  const gone = () => lives.delete(life)
  running.then(gone, gone)
  return running
}

const options = JSON.parse(process.argv[2]) as { engine: object; acceptors: number }
const engine = await Engine.open({
  ...options.engine,
  onDeath: (node, cause) => process.send?.({ died: `a worker of ${node} died: ${cause}` }),
})
const server = await startServer(engine, {
  host: '127.0.0.1',
  port: 0,
  acceptors: options.acceptors,
  domain: 'localhost',
  maxInflightBytes: 64 * 2 ** 20,
  logger: pino({ level: 'warn' }, pino.destination(2)),
})

function kill({ way, nth, calls }: Ways): void {
  const now = performance.now()
  const able = [...lives].filter(({ words, isDying }) => {
    // A thread that ends before it has begun is a matter of those who start threads.
    if (Atomics.load(words, N_READY) === 0 || isDying) return false
    const recent = (begun.get(words.buffer) ?? []).filter((at) => now - at < WINDOW_MS)
    return recent.length <= MOST_WORKERS
  })
  const life = able[nth % Math.max(1, able.length)]
  if (life === undefined) return
  life.isDying = true
  if (way === 'terminate') {
    for (const thread of life.pool.threads) thread.terminate()
    return
  }
  life.words[DIE_HOW] = { throw: BY_THROW, exit: BY_EXIT, heap: BY_HEAP }[way]
  Atomics.store(life.words, DIE_IN, calls)
}

process.on('message', (message: { kill?: Ways; close?: true }) => {
  if (message.kill !== undefined) kill(message.kill)
  if (message.close === true) {
    server
      .close(1_000)
      .then(() => engine.close())
      .then(() => process.exit(0))
  }
})
process.on('disconnect', () => process.exit(1))
process.send?.({ port: server.port })
