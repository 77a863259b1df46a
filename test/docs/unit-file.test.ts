/** The unit of systemd in docs/operations.md: what it says must be what the server understands. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { SERVE_OPTIONS, serveConfig, variable } from '../../src/config.js'
import { buildFolder, packageFolder, scratch } from '../scratch.js'
import { skip } from '../skip.js'
import { blocksOf } from './blocks.js'

const test = suite('unit of systemd')
const file = 'docs/operations.md'
const blocks = blocksOf(file, readFileSync(join(packageFolder, file), 'utf8'))
const unit = blocks.find(({ code }) => code.startsWith('[Unit]'))?.code ?? ''

function valuesOf(name: string): string[] {
  return [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value]) => value)
}

test('its variables are options of the server, and good ones', () => {
  const pairs = valuesOf('Environment').flatMap((line) => line.split(' '))
  const environment = Object.fromEntries(pairs.map((pair) => pair.split('=')))
  const known = SERVE_OPTIONS.map(({ flag }) => variable(flag))
  assert.equal(
    Object.keys(environment).filter((name) => !known.includes(name)),
    [],
  )
  const { data, memoryBytes } = serveConfig({}, environment)
  const [state] = valuesOf('StateDirectory')
  assert.equal([data, memoryBytes], [`/var/lib/${state}`, 2 * 2 ** 30])
})

const GOOD = 'systemd has nothing to say against it'
if (spawnSync('systemd-analyze', ['--version']).status === 0) {
  test(GOOD, () => {
    const place = scratch('unit')
    try {
      const command = `${process.execPath} ${join(buildFolder, 'src/cli.js')} serve`
      const [written] = valuesOf('ExecStart')
      assert.ok(written.endsWith('/dist/src/cli.js serve'))
      const at = place.write('annulus.service', unit.replace(written, command))
      const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', at])
      // It also tells of units of the system at hand.
      const said = `${stdout}${stderr}`
        .split('\n')
        .filter((line) => line.includes('annulus.service'))
      assert.equal(said, [])
      assert.is(status, 0)
    } finally {
      place.remove()
    }
  })
} else {
  skip(test, GOOD, 'systemd-analyze is not installed')
}

test.run()
