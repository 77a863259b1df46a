import { spawn, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pass } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packageFolder, scratch } from '../../scratch.js'
import { skip } from '../../skip.js'
import { type Served, serve } from '../served.js'
import { scrape } from './exposition.js'

const test = suite('grafana dashboard')
const PATIENCE_MS = 60_000

interface Dashboard {
  readonly panels: readonly {
    readonly title: string
    readonly targets?: readonly { readonly expr: string }[]
  }[]
  readonly annotations: { readonly list: readonly { readonly expr: string }[] }
}

const file = join(packageFolder, 'docs/grafana.json')
const dashboard: Dashboard = JSON.parse(readFileSync(file, 'utf8'))
/** Every expression, its variables filled in. */
const expressions = [
  ...dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ title, expr })),
  ),
  ...dashboard.annotations.list.map(({ expr }) => ({ title: 'annotation', expr })),
].map(({ title, expr }) => ({
  title,
  expr: expr.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '30s'),
}))

let served: Served
test.before(async () => {
  served = await serve({ engine: { kind: 'worker', nodes: 2 } })
})
test.after(() => served.close())

test('every metric that a panel asks for is told', async () => {
  await traffic(served)
  const samples = await scrape(served)
  const told = new Set([...samples.keys()].map((series) => series.replace(/\{.*/, '')))
  // Told once there is something to tell.
  told.add('annulus_migrations_total')
  assert.ok(expressions.length > 30)
  for (const { title, expr } of expressions) {
    for (const [name] of expr.matchAll(/annulus_\w+/g)) {
      assert.ok(told.has(name), `${title}: there is no ${name}`)
    }
  }
})

const hasPrometheus = spawnSync('prometheus', ['--version']).error === undefined
const NAME = 'Prometheus takes every expression, and has an answer to each'
if (hasPrometheus) {
  test(NAME, async () => {
    const place = scratch('prometheus')
    const url = `127.0.0.1:${await freePort()}`
    const config = join(place.folder, 'prometheus.yml')
    writeFileSync(config, configuration(served))
    const prometheus = spawn(
      'prometheus',
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(place.folder, 'data')}`,
        `--web.listen-address=${url}`,
        '--log.level=error',
      ],
      { stdio: 'ignore' },
    )
    try {
      await traffic(served)
      await until(async () => (await ask(url, 'count_over_time(annulus_items[1m]) > 2')).length > 0)
      await traffic(served)
      await until(async () => {
        return (await ask(url, 'sum(rate(annulus_hits_total[30s])) > 0')).length > 0
      })
      for (const { title, expr } of expressions) {
        const answer = await ask(url, expr)
        const isRare = /migrations_total|slab|epoch/.test(expr)
        assert.ok(isRare || answer.length > 0, `${title}: nothing for ${expr}`)
      }
    } finally {
      prometheus.kill('SIGKILL')
      place.remove()
    }
  })
} else {
  skip(test, NAME, 'Prometheus is not installed: apt-get install prometheus')
}

/** As docs/metrics.md has it, but more often. */
function configuration({ server, root }: Served): string {
  return `global: { scrape_interval: 2s, scrape_timeout: 2s }
scrape_configs:
  - job_name: annulus
    authorization: { credentials: ${root} }
    static_configs: [{ targets: ['127.0.0.1:${server.port}'] }]
`
}

async function traffic({ call, bucket }: Served): Promise<void> {
  const { key, path } = await bucket()
  await call('PUT', `${path}/keys/stays`, { key, body: 'v' })
  for (let n = 0; n < 40; n++) await call('PUT', `${path}/keys/k${n}?ttl=50`, { key, body: 'v' })
  for (let n = 0; n < 80; n++) await call('GET', `${path}/keys/k${n}`, { key })
}

async function ask(url: string, expr: string): Promise<unknown[]> {
  const query = new URLSearchParams({ query: expr })
  const answer = await fetch(`http://${url}/api/v1/query?${query}`).catch(() => undefined)
  // Not up yet, or up and not ready.
  if (answer === undefined || answer.status === 503) return []
  const { status, error, data } = (await answer.json()) as {
    status: string
    error?: string
    data: { result: unknown[] }
  }
  if (status !== 'success') throw new Error(`${expr}: ${error}`)
  return data.result
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const from = performance.now(); performance.now() - from < PATIENCE_MS; await pass(100)) {
    if (await isSo()) return
  }
  throw new Error('not within the time')
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}

test.run()
