import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { killGroup, startChild } from '../child.js'
import { buildFolder } from '../scratch.js'
import { Client } from './clients.js'

/** How a worker is to die: at once, or in so many inner calls of its store. */
export interface Ways {
  readonly way: 'terminate' | 'throw' | 'exit' | 'heap'
  /** Which of the nodes. */
  readonly nth: number
  readonly calls: number
}

export interface ArenaOptions {
  /** Of the engine, beyond those below. */
  readonly engine?: object
  /** Threads that serve the port. */
  readonly acceptors?: number
  /** Keys beside those under test, so that a move has something to carry. */
  readonly filling?: number
}

export const ROOT_KEY = 'root-key-of-the-arena-0123456789'
const ENGINE = { nodes: 3, memory: '72mb', maxValue: '64kb', maxBuckets: 64, rootKey: ROOT_KEY }
/** Clients are spread over them by their connections. */
const ACCEPTORS = 3
const BATCH = 1_000
const OUTPUT_LIMIT = 1_000_000

/** A server in a child process, with worker nodes and other keys in them. */
export class Arena {
  readonly port: number
  readonly root: Client
  /** What the server had to say; told when a history fails. */
  output = ''
  deaths = 0
  /** Told of each, in words. */
  onDeath: (text: string) => void = () => {}
  private buckets = 0
  private readonly child: ChildProcess

  private constructor(child: ChildProcess, port: number) {
    this.child = child
    this.port = port
    this.root = new Client(port, ROOT_KEY)
  }

  static async open(options: ArenaOptions = {}): Promise<Arena> {
    const folder = join(buildFolder, 'test/linear')
    const preload = pathToFileURL(join(folder, 'arena-preload.js')).href
    const flags = ['--enable-source-maps', '--import', preload, join(folder, 'arena-child.js')]
    const { acceptors = ACCEPTORS } = options
    const engine = { ...ENGINE, ...options.engine, writers: acceptors - 1 }
    const config = JSON.stringify({ engine, acceptors })
    const child = startChild(process.execPath, [...flags, config], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    let output = ''
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-OUTPUT_LIMIT)
      if (arena !== undefined) arena.output = output
    }
    let arena: Arena | undefined
    child.stdout?.on('data', keep)
    child.stderr?.on('data', keep)
    const port = await new Promise<number>((resolve, reject) => {
      child.once('message', (message: { port: number }) => resolve(message.port))
      child.once('exit', (code) => reject(new Error(`the server ended with ${code}\n${output}`)))
    })
    arena = new Arena(child, port)
    const opened = arena
    child.on('message', (message: { died?: string }) => {
      if (message.died === undefined) return
      opened.deaths++
      opened.onDeath(message.died)
    })
    await arena.fill(options.filling ?? 0)
    return arena
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null
  }

  kill(ways: Ways): void {
    this.child.send({ kill: ways })
  }

  /** A new bucket; its path. */
  async bucket(options: object = {}): Promise<string> {
    const body = JSON.stringify({ name: `bucket-${++this.buckets}`, ...options })
    const { id } = await this.root.json({ method: 'POST', path: '/v1/buckets', body })
    return `/v1/buckets/${id}`
  }

  async dropBucket(path: string): Promise<void> {
    await this.root.json({ method: 'DELETE', path })
  }

  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.child.once('exit', resolve))
    this.root.close()
    if (this.isAlive) this.child.send({ close: true })
    const guard = setTimeout(() => killGroup(this.child), 10_000)
    if (this.isAlive) await gone
    clearTimeout(guard)
  }

  private async fill(count: number): Promise<void> {
    const path = await this.bucket()
    for (let from = 0; from < count; from += BATCH) {
      const keys = Array.from({ length: Math.min(BATCH, count - from) }, (_, i) => `f${from + i}`)
      const values = keys.map((key) => `${key} ${'-'.repeat(100)}`)
      const body = JSON.stringify({ keys, values })
      await this.root.json({ method: 'POST', path: `${path}/batch/put`, body })
    }
  }
}
