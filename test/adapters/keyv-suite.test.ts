/**
 * Keyv's own suite, `@keyv/test-suite`, over engine and HTTP: each of its tests is one here. It needs
 * Vitest, and stands in a package of its own: `npm ci --prefix test/suites`.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runChild } from '../child.js'
import { packageFolder, scratch } from '../scratch.js'
import { skip } from '../skip.js'

/** What of Vitest's report in JSON is read. */
interface Report {
  readonly testResults: readonly { readonly assertionResults: readonly Result[] }[]
}

interface Result {
  readonly fullName: string
  readonly status: string
  readonly failureMessages: readonly string[]
}

const TIMEOUT_MS = 100_000
const test = suite("Keyv's suite")
const folder = join(packageFolder, 'test/suites')
const vitest = join(folder, 'node_modules/vitest/vitest.mjs')

if (existsSync(vitest)) {
  const { output, results } = await run()
  test('it runs over engine and HTTP', () => {
    for (const where of ['over engine:', 'over HTTP:']) {
      const count = results.filter(({ fullName }) => fullName.startsWith(where)).length
      assert.ok(count > 0, `no test ${where} was run:\n${output}`)
    }
  })
  for (const { fullName, status, failureMessages } of results) {
    test(fullName, () => assert.is(status, 'passed', failureMessages.join('\n')))
  }
} else {
  skip(test, "Keyv's suite", 'it is not installed: npm ci --prefix test/suites')
}

test.run()

async function run(): Promise<{ output: string; results: readonly Result[] }> {
  const place = scratch('keyv-suite')
  const file = join(place.folder, 'report.json')
  const report = ['--reporter=json', `--outputFile=${file}`]
  const args = [vitest, 'run', 'keyv.suite.mjs', ...report]
  try {
    const child = await runChild(process.execPath, args, { cwd: folder, timeoutMs: TIMEOUT_MS })
    if (!existsSync(file)) return { output: child.output, results: [] }
    const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as Report
    const results = testResults.flatMap(({ assertionResults }) => assertionResults)
    return { output: child.output, results }
  } finally {
    place.remove()
  }
}
