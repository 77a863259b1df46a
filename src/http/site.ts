import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import type { Exchange } from './exchange.js'
import { Problem } from './problem.js'

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Names of assets hold a hash of what is in them, see dashboard/build.ts. */
const FOR_EVER = ['Cache-Control', 'public, max-age=31536000, immutable']
const ASK_AGAIN = ['Cache-Control', 'no-cache']

/** Pages run what we serve, and nothing else; nobody may frame them. */
export const PAGE_POLICY = [
  ...['default-src', "'none';", 'script-src', "'self';", 'style-src', "'self';"],
  ...['img-src', "'self'", 'data:;', 'connect-src', "'self';", 'base-uri', "'none';"],
  ...['form-action', "'none';", 'frame-ancestors', "'none'"],
].join(' ')

const SAFETY = [
  ...['X-Content-Type-Options', 'nosniff'],
  ...['Referrer-Policy', 'no-referrer'],
  ...['Cross-Origin-Opener-Policy', 'same-origin'],
]

/** What a name may be: nothing that leaves the folder. */
const NAME = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$/

/** The pages for browsers and what they load, as the build left them. Each file is read once. */
export class Site {
  private readonly folder: URL
  private readonly files = new Map<string, Promise<Buffer>>()

  constructor(folder = new URL('../site/', import.meta.url)) {
    this.folder = folder
  }

  async page(x: Exchange, name: string, policy = PAGE_POLICY): Promise<void> {
    const bytes = await this.read(name)
    send(x, name, bytes, [...ASK_AGAIN, 'Content-Security-Policy', policy])
  }

  async asset(x: Exchange, name: string): Promise<void> {
    if (!NAME.test(name)) throw missing()
    send(x, name, await this.read(`assets/${name}`), FOR_EVER)
  }

  private async read(path: string): Promise<Buffer> {
    const known = this.files.get(path)
    if (known !== undefined) return known
    const reading = readFile(new URL(path, this.folder))
    this.files.set(path, reading)
    try {
      return await reading
    } catch {
      this.files.delete(path)
      throw missing()
    }
  }
}

function send({ res }: Exchange, name: string, bytes: Buffer, headers: readonly string[]): void {
  res.writeHead(200, [
    ...['Content-Type', TYPES[extname(name)] ?? 'application/octet-stream'],
    ...['Content-Length', String(bytes.length)],
    ...SAFETY,
    ...headers,
  ])
  res.end(bytes)
}

function missing(): Problem {
  return new Problem('not_found', 'There is no such page or file.')
}
