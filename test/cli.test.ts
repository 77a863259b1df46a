import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { SERVE_OPTIONS } from '../src/config.js'
import { annulus } from './cli/command.js'
import { packageFolder } from './scratch.js'

const cli = suite('cli')

/** Refused: nothing on standard output, one line that names the culprit, exit 2. */
function refused(args: readonly string[], culprit: string, env = {}): void {
  const { status, stdout, stderr } = annulus(args, env)
  assert.is(stderr.trimEnd().split('\n').length, 1, stderr)
  assert.ok(stderr.startsWith('annulus: ') && stderr.endsWith('\n'), stderr)
  assert.ok(stderr.includes(culprit), `${culprit} in ${stderr}`)
  assert.is(stdout, '')
  assert.is(status, 2, args.join(' '))
}

cli('--help lists the commands, serve --help every option', () => {
  const top = annulus(['--help'])
  assert.is(top.status, 0)
  for (const command of ['serve', 'ring', 'bench']) assert.match(top.stdout, `\n  ${command} `)
  const serve = annulus(['serve', '--help'])
  assert.is(serve.status, 0)
  for (const { flag, argument } of SERVE_OPTIONS) {
    assert.match(serve.stdout, `--${flag} <${argument}>`)
  }
  for (const text of ['ANNULUS_PORT', '7070', '256mb']) assert.match(serve.stdout, text)
})

cli("--version is the package's", () => {
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'))
  assert.equal(annulus(['--version']), { status: 0, stdout: `${version}\n`, stderr: '' })
})

cli('a bad option is named in one line, and the exit is 2', () => {
  refused(['serve', '--prot', '1'], '--prot')
  refused(['serve', '--port'], '--port')
  refused(['serve', '--port', 'http'], '--port')
  refused(['serve'], 'ANNULUS_MAX_VALUE', { ANNULUS_MAX_VALUE: 'big' })
  refused(['serve', '7070'], 'serve')
  refused(['ring', 'simulate', '--nodes', '0'], '--nodes')
  refused(['frobnicate'], 'frobnicate')
})

cli('without a command it tells what there is', () => {
  const { status, stderr } = annulus([])
  assert.is(status, 2)
  assert.match(stderr, 'serve')
})

cli.run()
