#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { benchCommand } from './cli/bench/command.js'
import { ringCommand } from './cli/ring.js'
import { serveCommand } from './cli/serve.js'
import { CacheError } from './errors.js'
import { packageVersion } from './version.js'

/** What was asked for cannot be done as asked: as opposed to 1, it could not be done. */
const EXIT_BAD_OPTION = 2
const BAD_OPTION_CODES: readonly string[] = ['invalid_option', 'invalid_size', 'invalid_ttl']

/** commander keeps these settings for each command; here every command behaves alike. */
function settle(command: Command): void {
  command.exitOverride()
  command.configureOutput({ outputError: (text, write) => write(oneLine(text)) })
  for (const inner of command.commands) settle(inner)
}

function oneLine(text: string): string {
  // Of an option that is unknown only the name: its value may be a credential.
  const line = text
    .replace(/^error: /, '')
    .replace(/^(unknown option '-[\w-]*)=.*?'(?=\s|$)/s, "$1'")
    .trim()
  return `annulus: ${line.replaceAll(/\s*\n\s*/g, ' ')}\n`
}

function exitCode(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_BAD_OPTION
  const message = error instanceof Error ? error.message : String(error)
  process.stderr.write(oneLine(message))
  return error instanceof CacheError && BAD_OPTION_CODES.includes(error.code) ? EXIT_BAD_OPTION : 1
}

const program = new Command('annulus')
  .description('A cache served from a ring of worker threads over shared memory')
  .version(packageVersion())
  .addCommand(serveCommand())
  .addCommand(ringCommand())
  .addCommand(benchCommand())
settle(program)

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = exitCode(error)
}
