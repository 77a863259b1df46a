import type { Browser, Locator, Page } from 'playwright-core'
import * as assert from 'uvu/assert'
import { type View, type Watched, watch } from '../browser.js'
import type { Served } from '../http/served.js'

/** Generous: a slow machine must not fail a test. */
const PATIENCE_MS = 20_000
const LOOK_MS = 50

/** The dashboard of a server in a profile of its own. */
export interface Opened extends Watched {
  signIn(): Promise<void>
  /** What a tile shows. */
  tile(name: string): Promise<string>
  /** What a node's row shows. */
  cell(node: string, figure: string): Promise<string>
}

export async function open(browser: Browser, served: Served, view: View = {}): Promise<Opened> {
  const watched = await watch(browser, served.server.url, view)
  const { page } = watched
  page.setDefaultTimeout(PATIENCE_MS)
  await page.goto(served.server.url)
  return {
    ...watched,
    signIn: async () => {
      await page.getByLabel('Root credential').fill(served.root)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await isLive(page)
    },
    tile: (name) => textOf(page.locator(`[data-tile="${name}"] b`)),
    cell: (node, figure) => textOf(page.locator(cellAt(node, figure))),
  }
}

export async function textOf(locator: Locator): Promise<string> {
  return (await locator.textContent()) ?? ''
}

export function cellAt(node: string, figure: string): string {
  return `[data-node="${node}"] [data-figure="${figure}"]`
}

export async function isLive(page: Page): Promise<void> {
  await page.locator('[data-link="live"]', { hasText: /^live$/ }).waitFor()
}

/** Looks until it holds, and tells what was wrong at last where it does not. */
export async function eventually(look: () => Promise<void>): Promise<void> {
  const end = Date.now() + PATIENCE_MS
  for (;;) {
    try {
      return await look()
    } catch (error) {
      if (Date.now() > end) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

/** Nothing that a page of ours must not do; `expected`: what Chromium says of answers that a test wants. */
export function isClean({ complaints, foreign }: Watched, expected = /(?!)/): void {
  assert.equal(
    complaints.filter((text) => !expected.test(text)),
    [],
  )
  assert.equal(foreign, [])
}
