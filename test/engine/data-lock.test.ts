import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { lockData } from '../../src/engine/data-lock.js'
import { refusal, scratchDirectory } from './scratch.js'

const test = suite('data lock')
const CHILD = fileURLToPath(new URL('./lock-child.js', import.meta.url))

interface Starter {
  readonly child: ChildProcess
  /** `held`, or the refusal. */
  readonly said: Promise<string>
}

function starter(directory: string): Starter {
  const child = spawn(process.execPath, [CHILD, directory], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.push(child)
  const said = new Promise<string>((resolve, reject) => {
    child.stdout?.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()))
    child.once('exit', (code) => reject(new Error(`the starter ended with ${code}`)))
  })
  return { child, said }
}

function ended(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill(signal)
  })
}

const children: ChildProcess[] = []
// A test that failed leaves its starters waiting.
test.after(() => {
  for (const child of children) child.kill('SIGKILL')
})

test('the second is told where and by whom; once released it is free', async () => {
  const directory = scratchDirectory()
  const lock = await lockData(directory)
  const error = await refusal('data_in_use', () => lockData(directory), /stop that one/)
  assert.ok(error.message.includes(directory))
  assert.ok(error.message.includes(String(process.pid)))
  await lock.release()
  const next = await lockData(directory)
  await next.release()
  assert.equal(readdirSync(directory), [])
})

test('another spelling of the directory is the same directory', async () => {
  const directory = scratchDirectory()
  const alias = join(scratchDirectory(), 'alias')
  symlinkSync(directory, alias)
  const lock = await lockData(directory)
  await refusal('data_in_use', () => lockData(alias))
  await lock.release()
})

test('a path too long for a socket is locked as well', async () => {
  const directory = join(scratchDirectory(), 'd'.repeat(120))
  mkdirSync(directory)
  const lock = await lockData(directory)
  await refusal('data_in_use', () => lockData(directory))
  assert.equal(readdirSync(directory), [])
  await lock.release()
  await (await lockData(directory)).release()
})

test('a held lock does not keep the process alive, and SIGKILL ends it', async () => {
  const directory = scratchDirectory()
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    const holder = starter(directory)
    assert.is(await holder.said, 'held')
    await refusal('data_in_use', () => lockData(directory), new RegExp(`${holder.child.pid}`))
    await ended(holder.child, signal)
    await (await lockData(directory)).release()
  }
  assert.equal(readdirSync(directory), [])
  const free = starter(directory)
  assert.is(await free.said, 'held')
  const code = new Promise((resolve) => free.child.once('exit', resolve))
  free.child.stdin?.end()
  assert.is(await code, 0)
})

test('a holder that is stopped still holds', async () => {
  const directory = scratchDirectory()
  const holder = starter(directory)
  assert.is(await holder.said, 'held')
  holder.child.kill('SIGSTOP')
  await refusal('data_in_use', () => lockData(directory), /does not answer/)
  await ended(holder.child)
})

test('of starters at once, over a dead one, exactly one wins', async () => {
  for (let round = 0; round < 3; round++) {
    const directory = scratchDirectory()
    const dead = starter(directory)
    assert.is(await dead.said, 'held')
    await ended(dead.child)
    const starters = Array.from({ length: 4 }, () => starter(directory))
    const said = await Promise.all(starters.map((one) => one.said))
    assert.is(said.filter((word) => word === 'held').length, 1, said.join('\n'))
    assert.is(said.filter((word) => word === 'data_in_use').length, 3, said.join('\n'))
    await Promise.all(starters.map((one) => ended(one.child)))
  }
})

test('so in one process, again and again', async () => {
  const directory = scratchDirectory()
  for (let round = 0; round < 50; round++) {
    const claims = Array.from({ length: 2 + (round % 5) }, () => lockData(directory))
    const settled = await Promise.allSettled(claims)
    const won = settled.filter((one) => one.status === 'fulfilled')
    assert.is(won.length, 1, `round ${round}`)
    for (const one of won) await one.value.release()
  }
})

test('other files in the directory are left alone', async () => {
  const directory = scratchDirectory()
  const names = ['catalogue.mdb', 'lock-mine', 'new-0123456789abcdef']
  for (const name of names) writeFileSync(join(directory, name), '')
  await (await lockData(directory)).release()
  assert.equal(readdirSync(directory).sort(), names.sort())
})

test.run()
