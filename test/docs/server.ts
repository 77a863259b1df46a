import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { killGroup, startChild } from '../child.js'

/** The port that the documents name, and that a running block finds replaced. */
export const DOCUMENTED_PORT = '7070'

export interface RunningServer {
  readonly port: string
  stop(): Promise<void>
}

/** How a server is started: for the tests of this very machinery another program stands in. */
export interface ServerCommand {
  readonly command: string
  readonly args: readonly string[]
}

export function serveCommand(cli: string, folder: string, rootKey: string): ServerCommand {
  const data = join(folder, 'server-data')
  const options = ['--port', '0', '--data', data, '--root-key', rootKey, '--nodes', '2']
  return { command: process.execPath, args: [cli, 'serve', ...options] }
}

/** Starts a server and waits for its line on standard output. */
export function startServer(
  { command, args }: ServerCommand,
  folder: string,
): Promise<RunningServer> {
  mkdirSync(folder, { recursive: true })
  const child = startChild(command, [...args], { cwd: folder })
  const exited = new Promise<void>((resolve) => child.on('exit', () => resolve()))
  return new Promise((resolve, reject) => {
    let text = ''
    const give = (error: Error) => {
      clearTimeout(patience)
      killGroup(child)
      reject(error)
    }
    const patience = setTimeout(() => give(new Error(`no server within 20 s:\n${text}`)), 20_000)
    const early = (code: number | null) =>
      give(new Error(`the server exited with ${code}:\n${text}`))
    child.on('exit', early)
    child.on('error', give)
    child.stderr?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const port = /listening on https?:\/\/\S+:(\d+)/.exec(text)?.[1]
      if (port === undefined) return
      clearTimeout(patience)
      child.off('exit', early)
      resolve({
        port,
        async stop() {
          killGroup(child, 'SIGTERM')
          const late = setTimeout(() => killGroup(child), 5_000)
          await exited
          clearTimeout(late)
        },
      })
    })
  })
}
