import { Command, Option } from 'commander'
import { SERVE_OPTIONS, type ServeConfig, serveConfig, variable, type Written } from '../config.js'
import { DEFAULTS } from '../engine/options.js'
import { CacheError } from '../errors.js'
import { firstSteps } from './first-steps.js'
import { openLog } from './log/log.js'
import { ringLog } from './log/ring-log.js'
import { stopSignal } from './stop-signal.js'

/** Requests under way get this long to end; then the engine closes. Both within 10 s. */
const DRAIN_MS = 6_000
const STOP_LIMIT_MS = 9_000

export function serveCommand(): Command {
  const command = new Command('serve').description(
    'serve the cache over HTTP; every option can also be given as a variable, ANNULUS_PORT for --port',
  )
  const options = SERVE_OPTIONS.map(({ flag, argument, describe, fallback }) => {
    const text = fallback === undefined ? describe : `${describe} (default: ${fallback})`
    const option = new Option(`--${flag} <${argument}>`, text)
    command.addOption(option)
    return { flag, option, variable: variable(flag) }
  })
  return command.action(async () => {
    const flags: Written = Object.fromEntries(
      options.map(({ flag, option }) => [flag, command.getOptionValue(option.attributeName())]),
    )
    await serve(serveConfig(flags, process.env))
  })
}

/** Serves until a signal asks it to stop; then the process ends. */
async function serve(config: ServeConfig): Promise<void> {
  // Loaded only now, so that help and errors need neither threads nor the store.
  const { Engine } = await import('../engine/engine.js')
  const { startServer } = await import('../http/server.js')
  const { suitableAcceptors } = await import('../http/acceptors/suitable.js')
  const { rootKey } = config
  const log = openLog(config.logLevel, rootKey === undefined ? [] : [rootKey])
  const { logger } = log
  const stop = stopSignal()
  const acceptors = config.acceptors ?? suitableAcceptors()

  const engine = await Engine.open({
    nodes: config.nodes,
    memory: config.memoryBytes,
    data: config.data,
    rootKey,
    // Said outright, so that a memory too small for it is refused, not the values made smaller.
    maxValue: config.maxValueBytes ?? DEFAULTS.maxValue,
    maxBuckets: config.maxBuckets,
    virtualNodes: config.virtualNodes,
    movePace: config.movePace,
    writers: acceptors - 1,
  })
  for (const notice of engine.notices) logger.info(notice)
  engine.watch(ringLog(logger))

  const server = await startServer(engine, {
    host: config.host,
    port: config.port,
    acceptors,
    domain: config.domain,
    endpointTemplate: config.endpointTemplate,
    maxInflightBytes: config.maxInflightBytes,
    logger,
  }).catch(async (error: unknown) => {
    await engine.close()
    throw notListening(config, error)
  })

  const lines = [`listening on ${server.url}`]
  if (engine.newRootKey !== undefined) {
    const { host, domain } = config
    lines.push(
      ...firstSteps({ url: server.url, host, port: server.port, domain }, engine.newRootKey),
    )
  }
  process.stdout.write(`${lines.join('\n')}\n`)

  const signal = await stop
  logger.info(`${signal}: draining`)
  setTimeout(() => {
    logger.warn('requests were still under way after the time to drain')
    process.exit(0)
  }, STOP_LIMIT_MS)
  await server.close(DRAIN_MS)
  await engine.close()
  logger.info('stopped')
  await log.flush()
  process.exit(0)
}

function notListening({ host, port }: ServeConfig, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  switch (error.code) {
    case 'EADDRINUSE':
      return new Error(`--port: ${port} is in use on ${host}: give another one, or 0 for any free`)
    case 'EACCES':
      return new CacheError('invalid_option', `--port: ${port} may not be used by this user`)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new CacheError('invalid_option', `--host: ${host} is no address of this machine`)
    default:
      return error
  }
}
