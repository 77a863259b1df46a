import type { Browser, Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bytes, percent, whole } from '../../src/dashboard/page/numbers.js'
import { launch, noBrowser } from '../browser.js'
import { type Served, serve } from '../http/served.js'
import { skip } from '../skip.js'
import { eventually, isClean, isLive, type Opened, open, textOf } from './opened.js'
import { fill } from './traffic.js'

const changing = suite('dashboard nodes')
const reason = noBrowser()
const KEYS = 3_000

let served: Served
let browser: Browser
let opened: Opened
let page: Page

function test(name: string, run: () => Promise<void>): void {
  if (reason === undefined) changing(name, run)
  else skip(changing, name, reason)
}

changing.before(async () => {
  if (reason === undefined) browser = await launch()
})
changing.after(() => browser?.close())
changing.before.each(async () => {
  if (reason !== undefined) return
  served = await serve({ engine: { nodes: 3, memory: '48mb' } })
  opened = await open(browser, served)
  page = opened.page
})
changing.after.each(async () => {
  if (reason !== undefined) return
  await opened.close()
  await served.close()
})

async function ringNow() {
  return (await served.call('GET', '/v1/ring', { key: served.root })).json
}

function members(): Promise<string[]> {
  return page.locator('.nodes .node-id').allTextContents()
}

/** What stands beside a name in the dialog. */
function fact(name: string): Promise<string> {
  return textOf(page.locator(`dialog dt:text-is("${name}") + dd`))
}

async function ended(state: string): Promise<void> {
  await page.locator(`.migration[data-state="${state}"]`).first().waitFor()
}

test('a node joins: first its plan, then its arcs as they move, then it is there', async () => {
  await fill(served, KEYS, 100, {})
  await opened.signIn()
  const plan = await served.engine.planAddNode({ weight: 2 })
  await page.getByRole('button', { name: 'Add a node…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add a node' })
  await page.getByLabel('Weight').fill('2')
  await dialog.getByText(`n4 takes over ${whole(plan.planned.keys)} keys`).waitFor()
  assert.is(await fact('Keys that move'), whole(plan.planned.keys))
  assert.is(await fact('Bytes'), bytes(plan.planned.bytes))
  assert.is(await fact('Arcs'), whole(plan.arcs))
  assert.is(await textOf(dialog.locator('.middle .big')), percent(plan.share))
  const drawn = Number(await dialog.locator('.ring').getAttribute('data-moves'))
  assert.ok(drawn > 60, `${drawn} arcs drawn`)
  assert.equal((await ringNow()).migrations, [], 'nothing has begun')

  await page.getByLabel('Pace').selectOption('0.02')
  await page.getByRole('button', { name: 'Add n4' }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.locator('.ring-panel .moving').waitFor()
  await page.locator('.ring-panel .middle').getByText('n4 joins').waitFor()
  await page.locator('[data-node="n4"]', { hasText: 'joining' }).waitFor()
  await page.getByRole('meter', { name: /^n4 joins: \d/ }).waitFor()
  const name = 'animation-name'
  const movement = `getComputedStyle(document.querySelector('.ring-panel .movement'))['${name}']`
  assert.is(await page.evaluate(movement), 'moving')
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await eventually(async () => assert.is(await page.evaluate(movement), 'none'))

  await ended('done')
  await page.locator('.ring-panel .moving').waitFor({ state: 'detached' })
  await page.locator('[data-node="n4"]', { hasText: 'serving' }).waitFor()
  const { nodes, epoch } = await ringNow()
  for (const { id, share } of nodes) assert.is(await opened.cell(id, 'share'), percent(share))
  assert.is(await textOf(page.locator('.epoch b')), String(epoch))
  await page
    .locator('.log')
    .getByText(/n4 joins: done, [\d,]+ keys moved/)
    .waitFor()
  isClean(opened)
})

test('a migration under way is cancelled, and all is as it was', async () => {
  await fill(served, KEYS, 100, {})
  await opened.signIn()
  await page.getByRole('button', { name: 'Add a node…' }).click()
  await page.getByLabel('Pace').selectOption('0.02')
  await page.getByRole('button', { name: 'Add n4' }).click()
  await page.locator('.ring-panel .moving').waitFor()
  await page.getByRole('button', { name: 'Cancel n4 joins' }).click()
  await ended('cancelled')
  await eventually(async () => assert.equal(await members(), ['n1', 'n2', 'n3']))
  assert.equal((await ringNow()).members, ['n1', 'n2', 'n3'])
  isClean(opened)
})

test('a node drains and leaves, by its plan', async () => {
  await fill(served, KEYS, 100, {})
  await opened.signIn()
  const plan = await served.engine.planRemoveNode('n2')
  await page.getByRole('button', { name: 'Drain… n2' }).click()
  const dialog = page.getByRole('dialog', { name: 'Drain n2' })
  await dialog.getByText('then n2 leaves').waitFor()
  assert.is(await fact('Keys that move'), whole(plan.planned.keys))
  const targets = await dialog.locator('.targets th').allTextContents()
  assert.equal(targets.sort(), ['n1', 'n3'])
  await dialog.getByRole('button', { name: 'Drain n2' }).click()
  await ended('done')
  await eventually(async () => assert.equal(await members(), ['n1', 'n3']))
  assert.equal((await ringNow()).members, ['n1', 'n3'])
  isClean(opened)
})

test('where the others have no room, draining has to be forced', async () => {
  const { path, key } = await served.bucket()
  const body = 'v'.repeat(512 * 1_024)
  // More than two of three nodes can hold.
  for (let i = 0; i < 64; i++) await served.call('PUT', `${path}/keys/k${i}`, { key, body })
  await opened.signIn()
  await page.getByRole('button', { name: 'Drain… n3' }).click()
  const dialog = page.getByRole('dialog', { name: 'Drain n3' })
  await dialog.getByText('have not room for everything').waitFor()
  const drain = dialog.getByRole('button', { name: 'Drain n3' })
  assert.ok(await drain.isDisabled())
  await dialog.getByLabel(/all the same/).check()
  await drain.click()
  await ended('done')
  assert.equal((await ringNow()).members, ['n1', 'n2'])
  isClean(opened)
})

test('a node fails only where its name is typed; the last one cannot', async () => {
  await fill(served, KEYS, 100, {})
  await opened.signIn()
  for (const [id, left] of [
    ['n2', 2],
    ['n3', 1],
  ] as const) {
    const { items = 0 } = served.engine.ringStatus().nodes.find((node) => node.id === id) ?? {}
    await page.getByRole('button', { name: `Fail… ${id}` }).click()
    const dialog = page.getByRole('dialog', { name: `Fail ${id}` })
    assert.is(await fact('Items that are lost'), whole(items))
    const fail = dialog.getByRole('button', { name: `Fail ${id}` })
    await page.getByLabel('to fail it').fill('n1')
    assert.ok(await fail.isDisabled())
    await page.keyboard.press('Enter')
    assert.is(served.engine.ringStatus().nodes.length, left + 1)
    await page.getByLabel('to fail it').fill(id)
    await fail.click()
    await eventually(async () => assert.is((await members()).length, left))
  }
  assert.equal((await ringNow()).members, ['n1'])
  await page.locator('.log').getByText('the host went bad').first().waitFor()
  assert.ok(await page.getByRole('button', { name: 'Drain… n1' }).isDisabled())
  assert.ok(await page.getByRole('button', { name: 'Fail… n1' }).isDisabled())
  isClean(opened)
})

test('with the keyboard alone: sign in, add a node, see it through', async () => {
  await fill(served, 300, 100, {})
  await page.keyboard.type(served.root)
  await page.keyboard.press('Enter')
  await isLive(page)
  const focused = () => page.evaluate('document.activeElement?.textContent ?? ""')
  const tabTo = async (name: string) => {
    for (let presses = 0; presses < 40; presses++) {
      await page.keyboard.press('Tab')
      if (String(await focused()).startsWith(name)) return
    }
    throw new Error(`${name} cannot be reached`)
  }
  await tabTo('Add a node…')
  const outline = 'getComputedStyle(document.activeElement).outlineStyle'
  assert.is(await page.evaluate(outline), 'solid', 'the focus can be seen')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  assert.is(await focused(), 'Add a node…', 'the focus is back')
  await page.keyboard.press('Enter')
  await page.getByText('n4 takes over').waitFor()
  assert.is(await page.evaluate('document.activeElement?.type'), 'number')
  await tabTo('Add n4')
  await page.keyboard.press('Enter')
  await ended('done')
  await eventually(async () => assert.equal(await members(), ['n1', 'n2', 'n3', 'n4']))
  isClean(opened)
})

changing.run()
