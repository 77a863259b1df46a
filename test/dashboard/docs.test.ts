import type { Browser, Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { groups } from '../../src/http/openapi/document.js'
import { launch, noBrowser, type View, type Watched, watch } from '../browser.js'
import { type Served, serve } from '../http/served.js'
import { skip } from '../skip.js'

/** The reference of the API at /docs, in a browser. */
const test = suite('reference page')
const missing = noBrowser()

let served: Served
let browser: Browser
/** One visit serves several tests: the page is large. */
let desk: Watched
const open: Watched[] = []

test.before(async () => {
  served = await serve()
  if (missing === undefined) browser = await launch()
})
test.after(async () => {
  for (const one of open) await one.close()
  await browser?.close()
  await served.close()
})

/** The page, when it shows its calls. */
async function visit(view: View = {}, fragment = ''): Promise<Watched> {
  const watched = await watch(browser, served.server.url, view)
  open.push(watched)
  await watched.page.goto(`${served.server.url}/docs${fragment}`)
  await watched.page.waitForSelector(view.javaScript === false ? 'noscript' : '.opblock')
  return watched
}

/** Nothing that the policy forbids, no error, nothing from elsewhere. */
function faultless({ complaints, foreign }: Watched): void {
  assert.equal(complaints, [])
  assert.equal(foreign, [])
}

function tags(page: Page): Promise<string[]> {
  return page.$$eval('.opblock-tag', (all) => all.map((one) => one.getAttribute('data-tag') ?? ''))
}

function isWide(page: Page): Promise<boolean> {
  return page.evaluate('document.documentElement.scrollWidth > innerWidth')
}

const cases: [name: string, body: () => Promise<void>][] = [
  [
    'shows every group of calls, without a complaint or a request elsewhere',
    async () => {
      desk = await visit()
      const { page } = desk
      assert.equal(
        await tags(page),
        groups.map(({ tag }) => tag),
      )
      const { text } = await served.call('GET', '/openapi.json')
      const { paths } = JSON.parse(text) as { paths: Record<string, object> }
      const count = Object.values(paths).flatMap((methods) => Object.keys(methods)).length
      assert.is((await page.$$('.opblock')).length, count)
      assert.is(await page.title(), 'Annulus HTTP API')
      assert.is(await page.$('.errors-wrapper'), null)
      faultless(desk)
    },
  ],
  [
    'filters by what is typed',
    async () => {
      const { page } = desk
      await page.fill('.operation-filter-input', 'migrations')
      await page.waitForSelector('.opblock-tag[data-tag="Keys"]', { state: 'detached' })
      assert.equal(await tags(page), ['Ring'])
      assert.is((await page.$$('.opblock')).length, 3)
      faultless(desk)
    },
  ],
  [
    'opens a call by its link, and tries it with a pasted key',
    async () => {
      const bucket = await served.bucket()
      const headers = { 'Content-Type': 'text/plain' }
      const john = { key: bucket.key, body: '2/23', headers }
      await served.call('PUT', `${bucket.path}/keys/john`, john)
      const watched = await visit({}, '#/Keys/getKey')
      const { page } = watched
      await page.waitForSelector('#operations-Keys-getKey.is-open')
      await page.click('.btn.authorize')
      await page.fill('.auth-container input', bucket.key)
      await page.click('.auth-btn-wrapper .authorize')
      await page.click('.auth-btn-wrapper .btn-done')
      await page.click('#operations-Keys-getKey .try-out__btn')
      await page.fill('#operations-Keys-getKey tr[data-param-name="id"] input', bucket.id)
      await page.fill('#operations-Keys-getKey tr[data-param-name="key"] input', 'john')
      await page.click('#operations-Keys-getKey .execute')
      const live = await page.waitForSelector('.live-responses-table .response')
      const text = (await live.textContent()) ?? ''
      assert.match(text, '200')
      assert.match(text, '2/23')
      assert.match(text, 'cache-status: annulus; hit')
      assert.is(await page.evaluate('JSON.stringify({ ...localStorage, ...sessionStorage })'), '{}')
      faultless(watched)
    },
  ],
  [
    'is as dark as the system asks, and fits a phone',
    async () => {
      const watched = await visit({ width: 390, height: 844 }, '#/Keys/putKey')
      const { page } = watched
      await page.waitForSelector('#operations-Keys-putKey.is-open')
      for (const [colorScheme, paper] of [
        ['light', 'rgb(255, 255, 255)'],
        ['dark', 'rgb(28, 32, 34)'],
      ] as const) {
        await page.emulateMedia({ colorScheme })
        const style = 'getComputedStyle(document.body).backgroundColor'
        assert.is(await page.evaluate(style), paper)
        const mark = colorScheme === 'dark' ? 'html.dark-mode' : 'html:not(.dark-mode)'
        await page.waitForSelector(mark)
        assert.is(await isWide(page), false)
      }
      faultless(watched)
    },
  ],
  [
    'says where to read on without JavaScript',
    async () => {
      const watched = await visit({ javaScript: false })
      const { page } = watched
      assert.is(await page.getAttribute('noscript a', 'href'), '/openapi.json')
      assert.match((await page.textContent('noscript')) ?? '', 'OpenAPI 3.1')
      faultless(watched)
    },
  ],
]

for (const [name, body] of cases) {
  if (missing === undefined) test(name, body)
  else skip(test, name, missing)
}

test.run()
