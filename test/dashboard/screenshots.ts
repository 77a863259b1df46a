/**
 * `node dist/test/dashboard/screenshots.js [FOLDER]`: pictures of the dashboard in Chromium, over a
 * server with worker nodes and some traffic.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { launch, watch } from '../browser.js'
import { serve } from '../http/served.js'
import { fill, traffic } from './traffic.js'

const folder = process.argv[2] ?? 'docs/images/dashboard'
mkdirSync(folder, { recursive: true })

const served = await serve({
  acceptors: 2,
  engine: {
    kind: 'worker',
    nodes: Number(process.env['NODES'] ?? 4),
    memory: '512mb',
    virtualNodes: Number(process.env['VN'] ?? 1024),
  },
})
const origin = served.server.url
const browser = await launch()
const buckets = [
  await fill(served, 60_000, 700, { name: 'sessions', defaultTtl: '20m', maxBytes: '96mb' }),
  await fill(served, 20_000, 1_800, { name: 'thumbnails', tier: 'economy', maxBytes: '64mb' }),
  await fill(served, 30_000, 120, { name: 'rate-limits', replicas: 1 }),
  await fill(served, 3_000, 300, { name: 'feature-flags', immutable: true }),
]

const { page, complaints } = await watch(browser, origin, { width: 1280, height: 900 })
await page.goto(origin)
await page.getByLabel('Root credential').fill(served.root)
await page.getByRole('button', { name: 'Sign in' }).click()
await page.getByText('live', { exact: true }).waitFor()

/** One page in several shapes: what it has seen so far goes along. */
async function shot(
  name: string,
  [width, height]: readonly [number, number],
  scheme: 'light' | 'dark',
  fullPage = false,
): Promise<void> {
  await page.setViewportSize({ width, height })
  await page.emulateMedia({ colorScheme: scheme })
  await page.waitForTimeout(1_200)
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage })
  console.log(name)
}

const desk = [1280, 900] as const
const wall = [2560, 1440] as const
const phone = [360, 780] as const
const stop = traffic(served, buckets, 6, 1)
await page.waitForTimeout(Number(process.env['WARM'] ?? 12) * 1_000)
await page.getByLabel('Key', { exact: true }).fill('key-42')
await page.getByRole('button', { name: 'Look up' }).click()
await shot('load-1280-dark', desk, 'dark', true)
await shot('load-1280-light', desk, 'light', true)
await shot('load-2560-dark', wall, 'dark')
await shot('load-2560-light', wall, 'light')
await shot('load-360-dark', phone, 'dark', true)
await page.getByRole('button', { name: 'Clear' }).click()
await page.getByRole('button', { name: 'Drain… n2' }).click()
await page.getByText('then n2 leaves').waitFor()
await shot('drain-360-light', phone, 'light')
await page.keyboard.press('Escape')
await page.getByRole('button', { name: 'Fail… n3' }).click()
await shot('fail-1280-dark', desk, 'dark')
await page.keyboard.press('Escape')
await page.getByRole('button', { name: 'Add a node…' }).click()
await page.getByText('takes over').waitFor()
await shot('plan-1280-light', desk, 'light')
await shot('plan-2560-dark', wall, 'dark')
await page.getByLabel('Pace').selectOption('0.1')
await page.getByRole('button', { name: /^Add n/ }).click()
await page.locator('.ring-panel .moving').waitFor()
await shot('joining-2560-dark', wall, 'dark')
await shot('joining-1280-light', desk, 'light')
await shot('joining-1280-dark', desk, 'dark')
await shot('joining-360-light', phone, 'light')
console.log(complaints.join('\n'))
await stop()
await browser.close()
await served.close()
process.exit(0)
