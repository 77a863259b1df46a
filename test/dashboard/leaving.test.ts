import * as assert from 'uvu/assert'
import { whole } from '../../src/dashboard/page/numbers.js'
import { eventually, isClean } from './opened.js'
import { stages } from './stage.js'
import { fill } from './traffic.js'

const { test, run } = stages('dashboard leaves')

const KEYS = 1_000

test('a node drains and leaves, by its plan', async ({
  served,
  opened,
  page,
  ringNow,
  shown,
  fact,
  ended,
}) => {
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
  await eventually(async () => assert.equal(await shown(), ['n1', 'n3']))
  assert.equal((await ringNow()).members, ['n1', 'n3'])
  isClean(opened)
})

test('where the others have no room, draining has to be forced', async ({
  served,
  opened,
  page,
  ringNow,
  ended,
}) => {
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

test('a node fails only where its name is typed; the last one cannot', async ({
  served,
  opened,
  page,
  ringNow,
  shown,
  fact,
}) => {
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
    await eventually(async () => assert.is((await shown()).length, left))
  }
  assert.equal((await ringNow()).members, ['n1'])
  await page.locator('.log').getByText('the host went bad').first().waitFor()
  const drain = page.getByRole('button', { name: 'Drain… n1' })
  assert.ok(await drain.isDisabled())
  const why = page.locator(`#${await drain.getAttribute('aria-describedby')}`)
  assert.match((await why.textContent()) ?? '', 'neither drained nor failed')
  assert.ok(await page.getByRole('button', { name: 'Fail… n1' }).isDisabled())
  isClean(opened)
})

run()
