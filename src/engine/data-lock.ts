import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CacheError } from '../errors.js'
import { ask } from './lock-question.js'

/**
 * One process for a data directory. The lock is a socket that its holder listens on: it goes with
 * the process, however that ends, and a socket file that nobody answers on is only litter.
 *
 * Taking over a dead holder's file by its name would let two starters do it to one another. So each
 * has a file of its own, never used again, and they settle it by talking: a claim first listens,
 * then asks every other one in the directory. Of two, the one that came later sees the earlier, a
 * holder never gives way, and of two that are both still asking the smaller name wins: whoever
 * answers decides at once for both, so both cannot win.
 */
export interface DataLock {
  release(): Promise<void>
}

const CLAIM = /^lock-[0-9a-f]{16}$/
const DRAFT = /^new-[0-9a-f]{16}$/
const NAME_LENGTH = 21
/** Socket paths hold 103 bytes on macOS and 107 on Linux. */
const MAX_PATH_BYTES = 100
const DRAFT_LIFE_MS = 60_000
const SPEAK_LIMIT_MS = 5_000
const MAX_QUESTION = 64

export async function lockData(directory: string): Promise<DataLock> {
  const real = realpathSync(directory)
  if (process.platform === 'win32') return pipeLock(real)
  const [first, ...others] = socketRooms(real)
  try {
    return await new Claim(first, real).take()
  } catch (error) {
    // Some file systems have no sockets: then every process ends up in the same other place.
    if (error instanceof CacheError || others.length === 0) throw error
    return await new Claim(others[0], real).take()
  }
}

/** Where the sockets of a directory may be: itself, or for a long path a directory named by hash. */
function socketRooms(directory: string): string[] {
  const hashed = `annulus-${shortHash(directory)}`
  const rooms = [directory, join(tmpdir(), hashed), join('/tmp', hashed)]
  return rooms.filter((room) => Buffer.byteLength(room) + 1 + NAME_LENGTH <= MAX_PATH_BYTES)
}

class Claim {
  readonly #room: string
  readonly #directory: string
  readonly #name: string
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #state: 'asking' | 'held' | 'lost' = 'asking'

  constructor(room: string, directory: string) {
    const id = randomBytes(8).toString('hex')
    this.#room = room
    this.#directory = directory
    this.#name = `lock-${id}`
    this.#server = createServer((socket) => this.#hear(socket)).unref()
  }

  async take(): Promise<DataLock> {
    if (this.#room !== this.#directory) mkdirSync(this.#room, { recursive: true, mode: 0o700 })
    await this.#listen()
    try {
      const holder = await this.#askOthers()
      if (holder !== undefined) throw inUse(this.#directory, holder)
      if (this.#state === 'lost') throw inUse(this.#directory, 'another process')
      this.#state = 'held'
    } catch (error) {
      await this.release()
      throw error
    }
    return { release: () => this.release() }
  }

  async release(): Promise<void> {
    this.#state = 'lost'
    rmSync(join(this.#room, this.#name), { force: true })
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  /** Under another name until it answers: a file that is there already answers, or its holder died. */
  async #listen(): Promise<void> {
    const draft = join(this.#room, this.#name.replace('lock-', 'new-'))
    await listening(this.#server, draft)
    renameSync(draft, join(this.#room, this.#name))
  }

  /** Who has the directory; undefined where nobody has. What dead processes left goes. */
  async #askOthers(): Promise<string | undefined> {
    const names = readdirSync(this.#room)
    for (const name of names.filter((one) => DRAFT.test(one))) this.#sweepDraft(name)
    const others = names.filter((name) => CLAIM.test(name) && name !== this.#name)
    const answers = await Promise.all(
      others.map(async (name) => {
        const path = join(this.#room, name)
        const answer = await ask(path, this.#name)
        if (answer.kind === 'dead') rmSync(path, { force: true })
        return answer
      }),
    )
    return answers.find((answer) => answer.kind === 'held')?.holder
  }

  #sweepDraft(name: string): void {
    const path = join(this.#room, name)
    const madeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
    if (Date.now() - madeMs > DRAFT_LIFE_MS) rmSync(path, { force: true })
  }

  #hear(socket: Socket): void {
    this.#sockets.add(socket)
    let question = ''
    socket
      .unref()
      .setEncoding('latin1')
      .setTimeout(SPEAK_LIMIT_MS, () => socket.destroy())
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('data', (text: string) => {
      question += text
      if (question.length > MAX_QUESTION) socket.destroy()
      else if (question.endsWith('\n')) socket.end(this.#answer(question.trim()))
    })
  }

  #answer(rival: string): string {
    if (this.#state === 'asking' && CLAIM.test(rival) && rival < this.#name) this.#state = 'lost'
    return this.#state === 'lost' ? 'free\n' : `held ${process.pid}\n`
  }
}

/** Windows: a pipe has no file, and only one process can make it. */
async function pipeLock(directory: string): Promise<DataLock> {
  const server = createServer((socket) => socket.destroy()).unref()
  try {
    await listening(server, `\\\\.\\pipe\\annulus-${shortHash(directory.toLowerCase())}`)
  } catch {
    throw inUse(directory, 'another process')
  }
  return { release: () => new Promise<void>((resolve) => server.close(() => resolve())) }
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ path, exclusive: true }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

function inUse(directory: string, holder: string): CacheError {
  return new CacheError(
    'data_in_use',
    `the data directory ${directory} is in use by ${holder}: stop that one, or give another --data`,
  )
}
