import type { Browser } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bytes, percent, short, whole } from '../../src/dashboard/page/numbers.js'
import { launch, noBrowser } from '../browser.js'
import { type Served, serve } from '../http/served.js'
import { skip } from '../skip.js'
import { cellAt, eventually, isClean, isLive, open, textOf } from './opened.js'
import { type Filled, fill, traffic } from './traffic.js'

const figures = suite('dashboard figures')
const reason = noBrowser()

let served: Served
let browser: Browser
let large: Filled
let small: Filled

function test(name: string, run: () => Promise<void>): void {
  if (reason === undefined) figures(name, run)
  else skip(figures, name, reason)
}

figures.before(async () => {
  if (reason !== undefined) return
  served = await serve({ engine: { kind: 'worker', nodes: 3, memory: '96mb' } })
  large = await fill(served, 2_000, 800, { name: 'large', maxBytes: '8mb' })
  small = await fill(served, 500, 20, { name: 'small', tier: 'economy' })
  browser = await launch()
})
figures.after(async () => {
  await browser?.close()
  await served?.close()
})

test('every live figure moves with the traffic, and is what the API says', async () => {
  const opened = await open(browser, served)
  const { page, tile, cell } = opened
  await opened.signIn()
  await eventually(async () => assert.is(await tile('hits'), '–'))
  const stop = traffic(served, [large, small], 4, 2)
  try {
    await eventually(async () => {
      assert.ok(Number.parseFloat(await tile('rate')) > 50, await tile('rate'))
      assert.match(await tile('hits'), /^[5-9]\d\.\d %$/)
      assert.match(await tile('p50'), /µs|ms/)
      assert.match(await tile('p99'), /µs|ms/)
      for (const node of ['n1', 'n2', 'n3']) {
        assert.ok(Number.parseFloat(await cell(node, 'rate')) > 10, node)
        assert.match(await cell(node, 'hits'), /^\d+(\.\d)? %/)
        assert.match(await cell(node, 'p99'), /µs|ms/)
      }
    })
  } finally {
    await stop()
  }
  await page.locator(`${cellAt('n1', 'rate')} canvas`).waitFor()
  await page.locator('.charts canvas').nth(2).waitFor()

  const { json } = await served.call('GET', '/v1/ring', { key: served.root })
  const nodes = served.engine.ringStatus().nodes
  await eventually(async () => {
    assert.is(await tile('rate'), '0')
    const items = nodes.reduce((sum, node) => sum + node.items, 0)
    assert.is(await tile('items'), short(items))
    for (const { id, items: own, bytes: taken, memoryBytes } of nodes) {
      assert.is(await cell(id, 'items'), whole(own))
      assert.is(await cell(id, 'memory'), `${bytes(taken)} / ${bytes(memoryBytes)}`)
    }
  })
  for (const { id, share } of json.nodes) assert.is(await cell(id, 'share'), percent(share))
  isClean(opened)
  await opened.close()
})

test('buckets show their usage, and are sorted by any column', async () => {
  const opened = await open(browser, served)
  const { page } = opened
  await opened.signIn()
  for (const { id, path } of [large, small]) {
    const { json } = await served.call('GET', `${path}/usage`, { key: served.root })
    const row = page.locator(`[data-bucket="${id}"]`)
    await eventually(async () => {
      assert.is(await textOf(row.locator('td').nth(0)), bytes(json.bytes))
      assert.is(await textOf(row.locator('td').nth(1)), whole(json.items))
    })
  }
  await page.getByRole('meter', { name: /^Quota: .* of 8.00 MiB$/ }).waitFor()
  assert.match(await textOf(page.locator(`[data-bucket="${small.id}"] th`)), 'economy')
  const order = () => page.locator('.buckets tbody .name').allTextContents()
  assert.equal(await order(), ['large', 'small'])
  await page.getByRole('button', { name: 'Bucket' }).click()
  assert.equal(await order(), ['large', 'small'])
  await page.getByRole('button', { name: 'Bucket' }).click()
  await eventually(async () => assert.equal(await order(), ['small', 'large']))
  assert.is(
    await page.getByRole('columnheader', { name: 'Bucket' }).getAttribute('aria-sort'),
    'descending',
  )
  isClean(opened)
  await opened.close()
})

test('a key is shown where it stands, with what is left of its life', async () => {
  const opened = await open(browser, served)
  const { page } = opened
  await opened.signIn()
  const key = 'käse & 2/3'
  const at = `${large.path}/keys/${encodeURIComponent(key)}`
  const put = await served.call('PUT', `${at}?ttl=1h`, { key: large.key, body: 'twelve bytes' })
  assert.is(put.status, 201, put.text)
  const { json } = await served.call(
    'GET',
    `${large.path}/explain?key=${encodeURIComponent(key)}`,
    { key: served.root },
  )
  const lookup = page.locator('.lookup')
  await lookup.getByLabel('Bucket').selectOption(large.id)
  await page.getByLabel('Key', { exact: true }).fill(key)
  await page.getByRole('button', { name: 'Look up' }).click()
  await lookup.getByText(/There: 12 B .* 59 min|There: 12 B .* 1 h left/).waitFor()
  const told = await textOf(lookup.locator('dl'))
  for (const part of [json.owner, ...json.successors, whole(json.hash), whole(json.token)]) {
    assert.ok(told.includes(part), `${part} in ${told}`)
  }
  assert.ok(told.includes(`${json.angle.toFixed(3)}°`), told)
  const [x, y] = await Promise.all(
    ['cx', 'cy'].map(async (name) =>
      Number(await page.locator('.marker circle').getAttribute(name)),
    ),
  )
  const degrees = (Math.atan2(x, -y) * 180) / Math.PI
  assert.ok(Math.abs(((degrees + 360) % 360) - json.angle) < 0.1, `${degrees} ${json.angle}`)

  await page.getByLabel('Key', { exact: true }).fill('nobody')
  await page.getByRole('button', { name: 'Look up' }).click()
  await lookup.getByText('Not there').waitFor()
  await page.getByRole('button', { name: 'Clear' }).click()
  await page.locator('.marker').waitFor({ state: 'detached' })
  // Chromium tells of every answer from 400 on.
  isClean(opened, /status of 404/)
  await opened.close()
})

test('it says that it is disconnected, and comes back by itself', async () => {
  const first = await serve({ engine: { nodes: 2 } })
  const { port } = first.server
  const opened = await open(browser, first)
  const { page } = opened
  await opened.signIn()
  await first.close()
  await page.locator('[data-link="lost"]', { hasText: 'disconnected' }).waitFor()
  await page.locator('.tiles.stale').waitFor()
  await page.locator('.log').getByText('disconnected').waitFor()
  // Pressed while the server is down: once it is up the page may be back before anybody presses.
  await page.getByRole('button', { name: 'Try now' }).click()
  const second = await serve({ engine: { nodes: 3 }, server: { port } })
  await isLive(page)
  await page.locator('[data-node="n3"]').waitFor()
  assert.is(await page.locator('.tiles.stale').count(), 0)
  isClean(opened, /ERR_/)
  await opened.close()
  await second.close()
})

test('it fits a phone and a wall: nothing to scroll sideways, on the wall nothing at all', async () => {
  await fill(served, 4_000, 100, {})
  await fill(served, 4_000, 100, { tier: 'economy' })
  await (await served.engine.addNode()).done
  const opened = await open(browser, served)
  await opened.signIn()
  await opened.page.locator('.migration', { hasText: 'keys let go' }).waitFor()
  for (const [width, height] of [
    [360, 780],
    [1280, 900],
    [2560, 1440],
  ] as const) {
    await opened.page.setViewportSize({ width, height })
    await eventually(async () => {
      const [wide, high] = (await opened.page.evaluate(
        '[document.documentElement.scrollWidth, document.documentElement.scrollHeight]',
      )) as number[]
      assert.is(wide, width)
      if (width === 2_560) assert.is(high, height)
    })
  }
  isClean(opened)
  await opened.close()
})

figures.run()
