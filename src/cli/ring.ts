import { Command, Option } from 'commander'
import { CacheError } from '../errors.js'
import { explanationLines, type Placement } from './explain.js'
import { explainFromData } from './explain-data.js'
import { wholeNumber } from './parsers.js'
import { credentialOf, keyOption, Remote, urlOption } from './remote.js'
import { changeCommands } from './ring-change.js'
import { simulate, simulationLines } from './simulate.js'
import { watchCommand } from './watch/command.js'

const MAX_NODES = 1_024
const MAX_KEYS = 100_000_000
const MAX_VIRTUAL_NODES = 65_536

export function ringCommand(): Command {
  const ring = new Command('ring')
    .description('watch and change the ring of a server; explain and simulate placement')
    .addCommand(watchCommand())
  for (const command of changeCommands()) ring.addCommand(command)
  return ring.addCommand(explainCommand()).addCommand(simulateCommand())
}

interface ExplainOptions {
  readonly bucket: string
  readonly data?: string
  readonly url?: URL
  readonly key?: string
}

function explainCommand(): Command {
  return new Command('explain')
    .description("a key's hash, its angle, its token, owner and successors")
    .argument('<key>', 'the key to place')
    .addOption(
      new Option('--bucket <id>', 'its bucket').env('ANNULUS_BUCKET').makeOptionMandatory(),
    )
    .addOption(new Option('--data <dir>', 'ask the data directory').env('ANNULUS_DATA'))
    .addOption(urlOption())
    .addOption(keyOption('a credential for it'))
    .action(async (key: string, options: ExplainOptions, command: Command) => {
      const given = (name: string) => command.getOptionValueSource(name) === 'cli'
      if (given('data') && given('url')) {
        throw new CacheError('invalid_option', '--data: cannot be used together with --url')
      }
      const explanation = await ask(key, options, given('data'))
      process.stdout.write(`${explanationLines(key, explanation).join('\n')}\n`)
    })
}

async function ask(key: string, options: ExplainOptions, wantsData: boolean): Promise<Placement> {
  const { bucket, data, url, key: credential } = options
  if (url !== undefined && !wantsData) {
    const known = credentialOf(credential, 'a credential is needed with --url')
    return new Remote(url, known).ask((client) => client.bucket(bucket).explain(key))
  }
  if (data !== undefined) return explainFromData(data, bucket, key)
  throw new CacheError('invalid_option', '--data or --url: one is needed, to know the ring')
}

function simulateCommand(): Command {
  return new Command('simulate')
    .description('how many keys change owner when nodes join: modulo and ring side by side')
    .option('--nodes <n>', 'nodes before', wholeNumber(1, MAX_NODES), 15)
    .option('--add <n>', 'nodes that join', wholeNumber(1, MAX_NODES), 1)
    .option('--keys <n>', 'keys to place', wholeNumber(1, MAX_KEYS), 1_000_000)
    .option('--virtual-nodes <n>', 'for each node', wholeNumber(1, MAX_VIRTUAL_NODES), 1_024)
    .action((options: Parameters<typeof simulate>[0]) => {
      process.stdout.write(`${simulationLines(options, simulate(options)).join('\n')}\n`)
    })
}
