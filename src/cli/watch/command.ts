import { Command, Option } from 'commander'
import { parseDuration } from '../../units.js'
import { unit } from '../parsers.js'
import { credentialOf, keyOption, localUrlOption, Remote } from '../remote.js'
import { stopSignal } from '../stop-signal.js'
import { Board } from './board.js'
import { follow, ringOf } from './follow.js'
import { frame } from './frame.js'
import { type Output, paint } from './screen.js'
import { lineView, type View, wholeView } from './views.js'

const DEFAULT_INTERVAL_MS = 1_000
const LEAST_INTERVAL_MS = 100
const PAGE = { columns: 100, rows: 1_000 }

export interface WatchOptions {
  readonly url: URL
  readonly key?: string
  readonly interval: number
  readonly once?: true
}

export function watchCommand(): Command {
  return new Command('watch')
    .description(
      'a live view of the ring: nodes, shares, items, memory, and migrations as they go; ' +
        'a line for each change where standard output is no terminal. Ctrl-C ends it',
    )
    .addOption(localUrlOption())
    .addOption(keyOption('the root credential; ANNULUS_ROOT_KEY will do as well'))
    .addOption(
      new Option('--interval <time>', 'how often the figures are taken anew')
        .env('ANNULUS_INTERVAL')
        .argParser(unit(parseDuration, 'interval', LEAST_INTERVAL_MS))
        .default(DEFAULT_INTERVAL_MS, '1s'),
    )
    .addOption(new Option('--once', 'print the ring as it is, and end'))
    .action(async (options: WatchOptions) => {
      const credential = credentialOf(options.key, 'the ring is watched with the root credential')
      // A connection that is lost is the follower's affair.
      const remote = new Remote(options.url, credential, { retries: 0 })
      if (options.once) {
        await printOnce(remote, process.stdout)
        return
      }
      const stop = new AbortController()
      stopSignal().then(() => stop.abort())
      await watch(remote, options.interval, process.stdout, stop.signal)
      // A socket that lingers must not keep the prompt waiting.
      process.exit()
    })
}

async function printOnce(remote: Remote, output: Output): Promise<void> {
  const board = new Board()
  board.see(await ringOf(remote), Date.now())
  const { columns = PAGE.columns } = output
  const lines = frame(remote.name, board, { ...PAGE, columns })
  const hasColors = output.isTTY === true && hasColorsHere()
  output.write(`${lines.map((line) => paint(line, columns, hasColors)).join('\n')}\n`)
}

/** Until the signal, or until the server is gone for good. */
export async function watch(
  remote: Remote,
  intervalMs: number,
  output: Output & Partial<Pick<NodeJS.WriteStream, 'on' | 'off'>>,
  signal: AbortSignal,
  delaysMs?: readonly number[],
): Promise<void> {
  const view: View =
    output.isTTY === true
      ? wholeView(remote.name, output, hasColorsHere())
      : lineView(output, intervalMs)
  const onResize = () => view.resize()
  output.on?.('resize', onResize)
  try {
    await follow(remote, { intervalMs, signal, ...(delaysMs ? { delaysMs } : {}) }, view)
  } finally {
    output.off?.('resize', onResize)
    view.end()
  }
}

/** https://no-color.org */
function hasColorsHere(): boolean {
  const { NO_COLOR, TERM } = process.env
  return (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb'
}
