import { mkdtemp, rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The name of a socket is at most 103 (macOS) or 107 (Linux) bytes. */
const MAX_PATH_BYTES = 103
const NAME = 'inner'
const FOLDER = 'annulus-'
const RANDOM_LENGTH = 6

export interface InnerSocket {
  readonly path: string
  remove(): Promise<void>
}

/** Listens on a socket in a fresh folder that nobody else can enter. */
export async function listenInside(server: Server): Promise<InnerSocket> {
  const folder = await mkdtemp(join(shortFolder(), FOLDER))
  const path = join(folder, NAME)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return { path, remove: () => rm(folder, { recursive: true, force: true }) }
}

function shortFolder(): string {
  const folder = tmpdir()
  const longest = join(folder, FOLDER + ' '.repeat(RANDOM_LENGTH), NAME)
  return Buffer.byteLength(longest) <= MAX_PATH_BYTES ? folder : '/tmp'
}
