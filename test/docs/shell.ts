import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { runChild } from '../child.js'
import type { Block } from './blocks.js'
import type { Environment } from './scripts.js'

const TIMEOUT_MS = 60_000

/** Begins the line that tells where one block's output starts and where it came to its end. */
const MARK = String.fromCharCode(30)

/**
 * What stands before the blocks: the first failing command ends the shell, curl fails on a status
 * that tells of an error, and `annulus` is this build.
 */
const PRELUDE = `
set -eo pipefail
exec 2>&1
annulus() { command "$ANNULUS_TEST_NODE" "$ANNULUS_TEST_CLI" "$@"; }
npx() { if [ "$1" = annulus ]; then shift; annulus "$@"; else echo "npx $1: not in a test" >&2; exit 1; fi; }
npm() { echo "npm $*: not in a test; give the block a reason not to run" >&2; exit 1; }
curl() { command curl --silent --show-error --max-time 20 $CURL_STRICT "$@"; }
mark() { printf '\\n${MARK}%s %s\\n' "$1" "$2"; }
`

/**
 * Runs all shell blocks of one document, one after the other in one bash, as a reader would paste
 * them. Returns what is wrong with each; a block after a failed one is not reached.
 */
export async function runShell(
  blocks: readonly Block[],
  where: Environment,
  cli: string,
): Promise<Map<Block, string>> {
  const script = [PRELUDE]
  for (const block of blocks) {
    const strict = block.manner === 'answers an error' ? '' : '--fail-with-body'
    script.push(`CURL_STRICT=${strict}\nmark begin ${block.line}`)
    // set -e overlooks a failure on the left of &&; the status of the whole is looked at here.
    script.push(`${where.replacePort(block.code)}{ status=$?; [ $status = 0 ] || exit $status; }`)
    script.push(`mark end ${block.line}`)
  }
  const cwd = join(where.folder, 'shell')
  mkdirSync(cwd, { recursive: true })
  const env = {
    ...process.env,
    ...where.env,
    ANNULUS_TEST_NODE: process.execPath,
    ANNULUS_TEST_CLI: cli,
  }
  const args = ['--noprofile', '--norc', '-c', script.join('\n')]
  const ended = await runChild('bash', args, { cwd, env, timeoutMs: TIMEOUT_MS })
  const outcome = ended.timedOut
    ? `no end within ${TIMEOUT_MS / 1000} s`
    : `exited with ${ended.code}`
  return judge(blocks, ended.output, outcome)
}

function judge(blocks: readonly Block[], output: string, outcome: string): Map<Block, string> {
  const problems = new Map<Block, string>()
  let stoppedAt: number | undefined
  for (const block of blocks) {
    const begin = output.indexOf(`${MARK}begin ${block.line}\n`)
    if (output.includes(`${MARK}end ${block.line}\n`)) continue
    if (begin < 0) {
      const cause = stoppedAt === undefined ? outcome : `the block of line ${stoppedAt} failed`
      problems.set(block, `not reached: ${cause}${stoppedAt === undefined ? `\n${output}` : ''}`)
      continue
    }
    stoppedAt = block.line
    const said = output.slice(output.indexOf('\n', begin) + 1).trim()
    problems.set(block, `${outcome}\n${said}`)
  }
  return problems
}
