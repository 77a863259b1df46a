import { setTimeout as sleep } from 'node:timers/promises'
import { Command, Option } from 'commander'
import type { AddNodeOptions, Receipt } from '../client/index.js'
import { part, positive } from './parsers.js'
import { credentialOf, keyOption, localUrlOption, Remote } from './remote.js'
import { isOver } from './ring-shapes.js'
import { headline, planLines, receiptLines, standing } from './ring-text.js'

/** A plan looks at every key, and a change may wait for another one to be written down. */
const TIMEOUT = '60s'
const LOOK_EVERY_MS = 250
const LEAST_PACE = 0.01
const EXIT_FAILED = 1

interface ServerOptions {
  readonly url: URL
  readonly key?: string
}

interface ChangeOptions extends ServerOptions {
  readonly weight?: number
  readonly id?: string
  readonly pace?: number
  readonly force?: true
  readonly dryRun?: true
  readonly wait?: true
}

/** Thin calls of the HTTP API that print what it answers. */
export function changeCommands(): Command[] {
  return [addCommand(), removeCommand(), failCommand(), cancelCommand()]
}

function addCommand(): Command {
  return onServer('add', 'a node joins; only the keys of the arcs that it takes over move')
    .addOption(
      new Option('--weight <n>', 'its share beside others (default: 1)').argParser(positive),
    )
    .option('--id <node>', 'of a node that was there before and comes back, empty')
    .addOption(paceOption())
    .addOption(dryRunOption())
    .addOption(waitOption())
    .action(async (options: ChangeOptions) => {
      const remote = remoteOf(options)
      if (options.dryRun) {
        return say(planLines(await remote.ask((client) => client.planAddNode(added(options)))))
      }
      const { migration } = await remote.ask((client) => client.addNode(added(options)))
      await tell(remote, migration, options)
    })
}

function added({ weight, id, pace }: ChangeOptions): AddNodeOptions {
  return { weight, id, pace }
}

function removeCommand(): Command {
  return onServer('remove', 'a node drains, then leaves')
    .argument('<node>', 'its id')
    .option('--force', 'even if the others are too small to hold all')
    .addOption(paceOption())
    .addOption(dryRunOption())
    .addOption(waitOption())
    .action(async (node: string, options: ChangeOptions) => {
      const { force, dryRun, pace } = options
      const remote = remoteOf(options)
      if (dryRun) {
        const plan = await remote.ask((client) => client.planRemoveNode(node, { force, pace }))
        return say(planLines(plan))
      }
      const made = await remote.ask((client) => client.removeNode(node, { force, pace }))
      await tell(remote, made.migration, options)
    })
}

function failCommand(): Command {
  return onServer('fail', 'a host went bad: what its node held is gone at once')
    .argument('<node>', 'its id')
    .addOption(waitOption())
    .action(async (node: string, options: ChangeOptions) => {
      const remote = remoteOf(options)
      const { epoch, migration } = await remote.ask((client) => client.failNode(node))
      say([`${node} is out of the ring, whose epoch is now ${epoch}`])
      if (migration === null) say(['no bucket has copies to make again'])
      else await tell(remote, migration, options)
    })
}

function cancelCommand(): Command {
  return onServer('cancel', 'a migration goes back, at its own pace; no key is lost')
    .argument('<migration>', 'its id')
    .addOption(waitOption())
    .action(async (migration: string, options: ChangeOptions) => {
      const remote = remoteOf(options)
      await remote.ask((client) => client.cancelMigration(migration))
      await tell(remote, migration, options, 'cancelled')
    })
}

/** Says how it stands; with `--wait`, how it ended, and anything but the wanted end is a failure. */
async function tell(
  remote: Remote,
  id: string,
  { wait }: ChangeOptions,
  wanted: Receipt['state'] = 'done',
): Promise<void> {
  const look = () => remote.ask((client) => client.migration(id))
  let receipt = await look()
  while (wait && !isOver(receipt)) {
    await sleep(LOOK_EVERY_MS)
    receipt = await look()
  }
  if (isOver(receipt)) say(receiptLines(receipt))
  else say([`${headline(receipt)}: ${standing(receipt)}`, 'annulus ring watch shows how it goes'])
  if (wait && receipt.state !== wanted) process.exitCode = EXIT_FAILED
}

function say(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}

function onServer(name: string, describe: string): Command {
  return new Command(name)
    .description(describe)
    .addOption(localUrlOption())
    .addOption(keyOption('the root credential; ANNULUS_ROOT_KEY will do as well'))
}

function remoteOf({ url, key }: ServerOptions): Remote {
  const credential = credentialOf(key, 'the ring is changed with the root credential')
  return new Remote(url, credential, { timeout: TIMEOUT })
}

function paceOption(): Option {
  const text = "part of the server's time that the moving may take (default: its --move-pace)"
  return new Option('--pace <part>', text).argParser(part(LEAST_PACE))
}

function dryRunOption(): Option {
  return new Option('--dry-run', 'say what would move, and do nothing')
}

function waitOption(): Option {
  return new Option('--wait', 'until it has ended; exit 1 if it did not succeed')
}
