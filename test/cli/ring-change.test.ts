import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Served, serve } from '../http/served.js'
import { annulus, type Running, start } from './command.js'

const changing = suite('cli ring add, remove, fail, cancel')

let served: Served
let env: Readonly<Record<string, string>>

changing.before(async () => {
  served = await serve()
  env = { ANNULUS_URL: `${served.server.url}/`, ANNULUS_KEY: served.root }
  const { path, key } = await served.bucket({ replicas: 1 })
  const keys = Array.from({ length: 500 }, (_, i) => `key-${i}`)
  await served.call('POST', `${path}/batch/put`, { key, body: { keys, values: keys } })
})
changing.after(() => served.close())

async function printed(...args: string[]): Promise<string> {
  const run: Running = start(['ring', ...args], env)
  assert.is(await run.exit, 0, run.stderr())
  assert.is(run.stderr(), '')
  return run.stdout()
}

async function refused(status: number, ...args: string[]): Promise<string> {
  const run: Running = start(['ring', ...args], env)
  assert.is(await run.exit, status, run.stderr())
  assert.is(run.stdout(), '')
  assert.match(run.stderr(), /^annulus: .*\n$/)
  return run.stderr()
}

const ids = () => served.engine.ringStatus().nodes.map(({ id }) => id)

changing('--dry-run prints a plan and does nothing', async () => {
  const join = await printed('add', '--dry-run', '--weight', '2')
  assert.match(join, /^plan {5}joining of n3; nothing is done yet\nto move {2}\d+ keys \(.*\)\n/)
  assert.match(join, /\narcs {5}[\d,]+, \d+\.\d % of the circle\nfits {5}yes\n {2}n3 {2}takes /)
  const leave = await printed('remove', 'n2', '--dry-run')
  assert.match(leave, /^plan {5}leaving of n2;/)
  assert.match(leave, /\n {2}n1 {2}takes .*, has .* free\n$/)
  assert.equal(ids(), ['n1', 'n2'])
})

changing('--wait stays until it has ended, and prints the receipt', async () => {
  const joined = await printed('add', '--wait', '--pace', '1')
  assert.match(joined, /^m\d+: joining of n3\nstate {4}done, \d+ keys moved/)
  assert.match(joined, /\nepochs {3}2, 3\n$/)
  assert.equal(ids(), ['n1', 'n2', 'n3'])
  const left = await printed('remove', 'n3', '--wait', '--force')
  assert.match(left, /^m\d+: leaving of n3\nstate {4}done/)
  assert.equal(ids(), ['n1', 'n2'])
  const again = await printed('add', '--id', 'n3', '--wait')
  assert.match(again, 'joining of n3')
})

changing('without it, how it stands; and it can be cancelled', async () => {
  const queued = await printed('add', '--pace', '0.01')
  const [, id] = /^(m\d+): joining of n4: (?:queued|planning|running)/.exec(queued) ?? []
  assert.type(id, 'string', queued)
  assert.match(queued, 'annulus ring watch')
  const cancelled = await printed('cancel', id, '--wait')
  assert.match(cancelled, new RegExp(`^${id}: joining of n4\nstate {4}cancelled`))
  assert.equal(ids(), ['n1', 'n2', 'n3'])
  assert.match(await refused(1, 'cancel', id), 'annulus: 409: ')
})

changing('a node that failed is out of the ring', async () => {
  const failed = await printed('fail', 'n3', '--wait')
  assert.match(failed, /^n3 is out of the ring, whose epoch is now \d+\nm\d+: repair after n3\n/)
  assert.match(failed, /\nstate {4}done.* copies made/)
  assert.equal(
    served.engine.ring.members.map(({ id }) => id),
    ['n1', 'n2'],
  )
})

changing('what the server objects to is said in one line', async () => {
  assert.match(await refused(1, 'remove', 'n9'), 'annulus: 404: ')
  assert.match(await refused(1, 'remove', 'a/b?c', '--dry-run'), 'annulus: 404: ')
  assert.match(await refused(1, 'fail', 'n9'), 'annulus: 404: ')
  assert.match(await refused(1, 'cancel', 'm999'), 'annulus: 404: ')
  assert.match(await refused(1, 'add', '--id', 'n1'), 'annulus: 409: ')
  assert.match(await refused(1, 'add', '--key', 'nobody-has-this-key'), 'annulus: 401: ')
  assert.match(await refused(1, 'add', '--url', 'http://127.0.0.1:1'), '--url: ')
})

changing('bad options are named, and the exit is 2', async () => {
  for (const [args, name] of [
    [['add', '--weight', '0'], '--weight'],
    [['add', '--weight', 'heavy'], '--weight'],
    [['add', '--pace', '0'], '--pace'],
    [['add', '--pace', '2'], '--pace'],
    [['add', '--url', 'nowhere'], '--url'],
    [['add', '--key', 'two words'], '--key'],
    [['add', '--force'], '--force'],
    [['remove'], 'node'],
    [['cancel', 'm1', '--dry-run'], '--dry-run'],
    [['watch', '--interval', '1ms'], '--interval'],
    [['watch', '--interval', 'often'], '--interval'],
    [['watch', '--once', 'x'], 'watch'],
  ] as const) {
    assert.match(await refused(2, ...args), name)
  }
  const keyless = annulus(['ring', 'add'], { ANNULUS_URL: 'http://127.0.0.1:1' })
  assert.is(keyless.status, 2)
  assert.match(keyless.stderr, /^annulus: --key: missing; /)
})

changing.run()
