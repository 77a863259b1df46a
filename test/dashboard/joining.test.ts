import * as assert from 'uvu/assert'
import { bytes, percent, whole } from '../../src/dashboard/page/numbers.js'
import { eventually, isClean, isLive, textOf } from './opened.js'
import { stages } from './stage.js'
import { fill } from './traffic.js'

const { test, run } = stages('dashboard joins')

const KEYS = 1_000

test('a node joins: first its plan, then its arcs as they move, then it is there', async ({
  served,
  opened,
  page,
  ringNow,
  fact,
  ended,
  dawdle,
}) => {
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
  const hurry = dawdle()
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

  hurry()
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

test('a migration under way is cancelled, and all is as it was', async ({
  served,
  opened,
  page,
  ringNow,
  shown,
  ended,
  dawdle,
}) => {
  await fill(served, KEYS, 100, {})
  await opened.signIn()
  await page.getByRole('button', { name: 'Add a node…' }).click()
  const hurry = dawdle()
  await page.getByRole('button', { name: 'Add n4' }).click()
  await page.locator('.ring-panel .moving').waitFor()
  await page.getByRole('button', { name: 'Cancel n4 joins' }).click()
  await page.getByRole('button', { name: 'Cancel n4 joins' }).waitFor({ state: 'hidden' })
  await page.locator('.ring-panel .middle').getByText('going back').waitFor()
  hurry()
  await ended('cancelled')
  await eventually(async () => assert.equal(await shown(), ['n1', 'n2', 'n3']))
  assert.equal((await ringNow()).members, ['n1', 'n2', 'n3'])
  isClean(opened)
})

test('with the keyboard alone: sign in, add a node, see it through', async ({
  served,
  opened,
  page,
  shown,
  ended,
}) => {
  await fill(served, 300, 100, {})
  await page.locator('[type=password]:focus').waitFor()
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
  // Taken away, and not closed alone: until then another one is not opened.
  await page.locator('dialog').waitFor({ state: 'detached' })
  assert.is(await focused(), 'Add a node…', 'the focus is back')
  await page.keyboard.press('Enter')
  await page.getByText('n4 takes over').waitFor()
  assert.is(await page.evaluate('document.activeElement?.type'), 'number')
  await tabTo('Add n4')
  await page.keyboard.press('Enter')
  await ended('done')
  await eventually(async () => assert.equal(await shown(), ['n1', 'n2', 'n3', 'n4']))
  isClean(opened)
})

run()
