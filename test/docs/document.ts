import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Block } from './blocks.js'
import { compileScripts, type Environment, isScript, runScript } from './scripts.js'
import { DOCUMENTED_PORT, type RunningServer, type ServerCommand, startServer } from './server.js'
import { runShell } from './shell.js'

export interface Tools {
  /** A scratch folder inside the package. */
  readonly folder: string
  readonly rootKey: string
  /** The TypeScript compiler's command-line entry. */
  readonly compiler: string
  readonly cli: string
  readonly server: ServerCommand
}

/** Runs every block of one document that is meant to run; a problem for each that failed. */
export async function runDocument(
  blocks: readonly Block[],
  tools: Tools,
): Promise<Map<Block, string>> {
  const problems = new Map<Block, string>()
  const alive = blocks.filter((block) => block.kind !== 'text' && block.reason === undefined)
  let server: RunningServer | undefined
  if (alive.some(needsServer))
    server = await startServer(tools.server, join(tools.folder, 'server'))
  try {
    const where = environment(tools, server)
    const shell = alive.filter((block) => block.kind === 'sh')
    if (shell.length > 0) {
      for (const entry of await runShell(shell, where, tools.cli)) problems.set(...entry)
    }
    for (const entry of await compileScripts(blocks, where, tools.compiler)) problems.set(...entry)
    for (const block of alive.filter((b) => isScript(b) && !problems.has(b))) {
      await runScript(block, where).catch((error: Error) => problems.set(block, error.message))
    }
  } finally {
    await server?.stop()
  }
  return problems
}

function needsServer(block: Block): boolean {
  return block.manner === 'server' || block.code.includes(DOCUMENTED_PORT)
}

function environment(tools: Tools, server: RunningServer | undefined): Environment {
  const { folder, rootKey } = tools
  mkdirSync(folder, { recursive: true })
  const port = server?.port ?? DOCUMENTED_PORT
  return {
    folder,
    // Under the names that a reader would give the key that `serve` printed.
    env: { ROOT: rootKey, ROOT_KEY: rootKey, NODE_NO_WARNINGS: '1' },
    replacePort: (code) => code.replaceAll(DOCUMENTED_PORT, port),
  }
}
