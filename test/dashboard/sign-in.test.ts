import type { Browser } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { launch, noBrowser } from '../browser.js'
import { type Served, serve } from '../http/served.js'
import { skip } from '../skip.js'
import { eventually, isClean, isLive, open } from './opened.js'

const signing = suite('dashboard sign-in')
const reason = noBrowser()

let served: Served
let browser: Browser

/** Wherever a page could leave something behind. */
const TRACES = `({
  href: location.href,
  referrer: document.referrer,
  html: document.documentElement.outerHTML,
  cookie: document.cookie,
  local: JSON.stringify({ ...localStorage }),
  session: JSON.stringify({ ...sessionStorage }),
  state: JSON.stringify(history.state),
  values: [...document.querySelectorAll('input')].map((input) => input.value).join(),
})`

function test(name: string, run: () => Promise<void>): void {
  if (reason === undefined) signing(name, run)
  else skip(signing, name, reason)
}

signing.before(async () => {
  if (reason !== undefined) return
  served = await serve()
  browser = await launch()
})
signing.after(async () => {
  await browser?.close()
  await served?.close()
})

test('a wrong credential is refused in words, and so is one that is not root', async () => {
  const opened = await open(browser, served)
  const { page } = opened
  const bucket = await served.bucket()
  const input = page.getByLabel('Root credential')
  assert.is(await input.getAttribute('type'), 'password')
  assert.is(await input.getAttribute('autocomplete'), 'current-password')
  for (const [credential, said] of [
    ['', /Give the root credential/],
    ['nobody-knows-this', /does not know this credential/],
    ['two words', /no spaces/],
    [bucket.key, /not the root credential/],
  ] as const) {
    await input.fill(credential)
    await page.keyboard.press('Enter')
    await page.getByRole('alert').filter({ hasText: said }).waitFor()
  }
  await opened.signIn()
  isClean(opened, /status of 40[13]/)
  await opened.close()
})

test('the credential is nowhere but in memory, and gone with the page', async () => {
  const opened = await open(browser, served)
  const { page } = opened
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  await opened.signIn()
  const traces = (await page.evaluate(TRACES)) as Record<string, string>
  for (const [place, text] of Object.entries(traces)) {
    assert.not.ok(text.includes(served.root), place)
  }
  assert.equal([traces['local'], traces['session'], traces['cookie']], ['{}', '{}', ''])
  assert.not.ok(asked.some((url) => url.includes(served.root)))
  await page.reload()
  await page.getByLabel('Root credential').waitFor()
  isClean(opened)
  await opened.close()
})

test('it is kept in the tab where one asks for it, until one signs out', async () => {
  const opened = await open(browser, served)
  const { page } = opened
  const keep = page.getByLabel(/Keep it in this tab/)
  assert.not.ok(await keep.isChecked())
  await keep.check()
  await opened.signIn()
  await page.reload()
  await isLive(page)
  const traces = (await page.evaluate(TRACES)) as Record<string, string>
  assert.ok(traces['session'].includes(served.root))
  assert.not.ok(`${traces['local']}${traces['html']}${traces['href']}`.includes(served.root))
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByLabel('Root credential').waitFor()
  assert.is(((await page.evaluate(TRACES)) as Record<string, string>)['session'], '{}')
  await page.reload()
  await page.getByLabel('Root credential').waitFor()
  isClean(opened)
  await opened.close()
})

test('a credential that is rotated elsewhere signs the page out, and says why', async () => {
  const one = await serve()
  const opened = await open(browser, one)
  const { page } = opened
  await opened.signIn()
  const rotated = await one.call('POST', '/v1/credentials/rotate', { key: one.root })
  assert.is(rotated.status, 200, rotated.text)
  await page
    .getByRole('alert')
    .filter({ hasText: /credential/i })
    .waitFor()
  assert.is(await page.getByLabel('Root credential').inputValue(), '')
  isClean(opened, /status of 401|ERR_/)
  await opened.close()
  await one.close()
})

test('the theme is the one thing that is remembered', async () => {
  const opened = await open(browser, served, { scheme: 'light' })
  const { page } = opened
  await opened.signIn()
  const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
  const light = await ground()
  await page.getByRole('button', { name: /^Colours/ }).click()
  await eventually(async () => assert.is.not(await ground(), light))
  const kept = () => page.evaluate('JSON.stringify({ ...localStorage })')
  assert.is(await kept(), '{"annulus.theme":"dark"}')
  const dark = await ground()
  await page.reload()
  await eventually(async () => assert.is(await ground(), dark))
  await opened.signIn()
  await page.getByRole('button', { name: 'Colours: dark. Change' }).click()
  await page.getByRole('button', { name: 'Colours: light. Change' }).click()
  await eventually(async () => assert.equal([await kept(), await ground()], ['{}', light]))
  await page.emulateMedia({ colorScheme: 'dark' })
  await eventually(async () => assert.is(await ground(), dark))
  isClean(opened)
  await opened.close()
})

signing.run()
