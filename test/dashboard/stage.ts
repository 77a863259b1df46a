import type { Browser, Page } from 'playwright-core'
import { suite } from 'uvu'
import { launch, noBrowser } from '../browser.js'
import { type Json, type Served, serve } from '../http/served.js'
import { skip } from '../skip.js'
import { type Opened, open, textOf } from './opened.js'

/** A server of three nodes and the dashboard over it, not signed in yet. */
export interface Stage {
  readonly served: Served
  readonly opened: Opened
  readonly page: Page
  ringNow(): Promise<Json>
  /** Names in the table of nodes. */
  shown(): Promise<string[]>
  /** What stands beside a name in the dialog. */
  fact(name: string): Promise<string>
  /** Some migration is shown to be in this state. */
  ended(state: string): Promise<void>
  /** From now on migrations hardly move, until what is returned is called. */
  dawdle(): () => void
}

/** Tests with a stage each, in one browser; where there is none they are skipped. */
export function stages(name: string): {
  test(name: string, run: (stage: Stage) => Promise<void>): void
  run(): void
} {
  const tests = suite(name)
  const reason = noBrowser()
  let browser: Browser
  tests.before(async () => {
    if (reason === undefined) browser = await launch()
  })
  tests.after(() => browser?.close())
  return {
    test: (title, run) => {
      if (reason !== undefined) skip(tests, title, reason)
      else tests(title, () => onStage(browser, run))
    },
    run: () => tests.run(),
  }
}

async function onStage(browser: Browser, run: (stage: Stage) => Promise<void>): Promise<void> {
  const served = await serve({ engine: { nodes: 3, memory: '48mb' } })
  const opened = await open(browser, served)
  const { page } = opened
  try {
    await run({
      served,
      opened,
      page,
      ringNow: async () => (await served.call('GET', '/v1/ring', { key: served.root })).json,
      shown: () => page.locator('.nodes .node-id').allTextContents(),
      fact: (name) => textOf(page.locator(`dialog dt:text-is("${name}") + dd`)),
      ended: (state) => page.locator(`.migration[data-state="${state}"]`).first().waitFor(),
      dawdle: () => dawdle(served),
    })
  } finally {
    await opened.close()
    await served.close()
  }
}

/** A stopwatch that leaps has the mover pause for its longest after each step; one that stands, never. */
function dawdle({ engine }: Served): () => void {
  let now = 0
  let leap = 1_000
  Object.assign(engine['membership']['mover'], { stopwatch: () => (now += leap) })
  return () => {
    leap = 0
  }
}
