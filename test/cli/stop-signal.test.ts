import { spawn } from 'node:child_process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { watch } from './command.js'

const stopping = suite('cli stop signal')

/** A process that is told to stop and takes its time. */
function slowToStop() {
  const module = new URL('../../src/cli/stop-signal.js', import.meta.url).href
  const script = `
    import { stopSignal } from ${JSON.stringify(module)}
    const stop = stopSignal()
    setInterval(() => {}, 1000)
    console.log('up')
    console.log('asked by ' + (await stop))
  `
  return watch(spawn(process.execPath, ['--input-type=module', '-e', script]))
}

stopping('the first signal asks, the second ends the process at once', async () => {
  for (const [signal, status] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const) {
    const run = slowToStop()
    await run.printed(/up/)
    run.child.kill(signal)
    await run.printed(new RegExp(`asked by ${signal}`))
    run.child.kill(signal)
    assert.is(await run.exit, status)
  }
})

stopping('another signal is a second one too', async () => {
  const run = slowToStop()
  await run.printed(/up/)
  run.child.kill('SIGTERM')
  await run.printed(/asked by SIGTERM/)
  run.child.kill('SIGINT')
  assert.is(await run.exit, 130)
})

stopping.run()
