/**
 * `node dist/test/dashboard/screenshots.js [FOLDER]`: the pictures of docs/dashboard.md, taken in
 * Chromium over a server with worker nodes and some traffic. They take a minute, and any tool that
 * gives a PNG a palette makes them a third as large.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { launch, watch } from '../browser.js'
import { serve } from '../http/served.js'
import { isLive } from './opened.js'
import { fill, traffic } from './traffic.js'

const folder = process.argv[2] ?? 'docs/images/dashboard'
/** For the charts to have something to show. */
const WARM_MS = 65_000
const SETTLE_MS = 1_500
const DESK = [1_280, 900] as const
const TALL = [1_280, 1_610] as const
const WALL = [1_920, 1_080] as const
const PHONE = [360, 780] as const

mkdirSync(folder, { recursive: true })
const served = await serve({
  acceptors: 2,
  engine: { kind: 'worker', nodes: 4, memory: '512mb' },
})
const buckets = [
  await fill(served, 60_000, 700, { name: 'sessions', defaultTtl: '20m', maxBytes: '96mb' }),
  await fill(served, 20_000, 1_800, { name: 'thumbnails', tier: 'economy', maxBytes: '64mb' }),
  await fill(served, 30_000, 120, { name: 'rate-limits', replicas: 1 }),
  await fill(served, 3_000, 300, { name: 'feature-flags', immutable: true }),
]
const browser = await launch()
const { page, complaints } = await watch(browser, served.server.url)
await page.goto(served.server.url)
await page.getByLabel('Root credential').fill(served.root)
await page.getByRole('button', { name: 'Sign in' }).click()
await isLive(page)

/** One page in several shapes: what it has seen so far goes along. */
async function shot(
  name: string,
  [width, height]: readonly [number, number],
  scheme: 'light' | 'dark',
): Promise<void> {
  await page.setViewportSize({ width, height })
  await page.emulateMedia({ colorScheme: scheme })
  await page.evaluate('scrollTo(0, 0)')
  await page.waitForTimeout(SETTLE_MS)
  await page.screenshot({ path: join(folder, `${name}.png`) })
  console.log(name)
}

const stop = traffic(served, buckets, 6, 1)
await page.waitForTimeout(WARM_MS)
await page.locator('.lookup select').selectOption({ label: 'sessions' })
await page.getByLabel('Key', { exact: true }).fill('key-42')
await page.getByRole('button', { name: 'Look up' }).click()
await page.locator('.found').waitFor()
await shot('load-dark', TALL, 'dark')
await page.getByRole('button', { name: 'Add a node…' }).click()
await page.getByText('takes over').waitFor()
await shot('plan', DESK, 'light')
await page.getByLabel('Pace').selectOption('0.1')
await page.getByRole('button', { name: /^Add n/ }).click()
await page.locator('.ring-panel .moving').waitFor()
await shot('wall', WALL, 'dark')
await shot('phone', PHONE, 'light')
if (complaints.length > 0) console.log(complaints.join('\n'))
await stop()
await browser.close()
await served.close()
