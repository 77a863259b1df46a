import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import type { Catalogue } from '../../src/engine/catalogue.js'
import { openCatalogue } from '../../src/engine/open-catalogue.js'
import { scratchDirectory, timeAndChance } from '../engine/scratch.js'

const CHILD = fileURLToPath(new URL('./catalogue-crash-child.js', import.meta.url))

/** One line of the child: a change that it was told is on disk. */
interface Told {
  readonly ready?: boolean
  readonly key?: string
  readonly kind?: 'root' | 'account' | 'bucket'
  readonly bucketId?: string
  readonly name?: string
  readonly gone?: string
  readonly granted?: number
}

/**
 * Kills a process at a random moment while it changes the catalogue, and looks whether everything
 * that it acknowledged, in all its lives, is there. Gives how many changes those were.
 */
export async function crashRounds(rounds: number): Promise<number> {
  const data = scratchDirectory()
  const told: Told[] = []
  for (let round = 0; round < rounds; round++) {
    // Now and then before it is ready: in the middle of a start.
    const early = round % 4 === 2
    told.push(...(await oneLife(data, early, 20 + Math.random() * (early ? 80 : 400))))
    const { catalogue } = await openCatalogue({ data, maxBuckets: 100_000, ...timeAndChance() })
    try {
      await verify(catalogue, told)
    } finally {
      await catalogue.close()
    }
  }
  return told.length
}

async function oneLife(data: string, early: boolean, killAfterMs: number): Promise<Told[]> {
  const told: Told[] = []
  const child = spawn(process.execPath, [CHILD, data], { stdio: ['ignore', 'pipe', 'inherit'] })
  const killed = new Promise((resolve) => child.once('close', resolve))
  const killSoon = () => setTimeout(() => child.kill('SIGKILL'), killAfterMs)
  if (early) killSoon()
  for await (const line of createInterface({ input: child.stdout })) {
    // The last line may be cut off: then it was never told.
    if (!line.endsWith('}')) continue
    const one: Told = JSON.parse(line)
    if (one.ready === true && !early) killSoon()
    told.push(one)
  }
  await killed
  assert.is(child.signalCode, 'SIGKILL', 'the child did not end by itself')
  return told
}

async function verify(catalogue: Catalogue, told: readonly Told[]): Promise<void> {
  for (const one of told) {
    if (one.gone !== undefined) {
      assert.is(catalogue.bucket(one.gone), undefined, 'a deleted bucket came back')
      assert.is(catalogue.authenticate(one.key ?? ''), undefined)
    } else if (one.key !== undefined) {
      const principal = catalogue.authenticate(one.key)
      assert.is(principal?.kind, one.kind, `an acknowledged ${one.kind} credential is gone`)
      if (principal?.kind !== 'bucket') continue
      assert.is(principal.bucketId, one.bucketId)
      assert.is(catalogue.bucket(principal.bucketId)?.name, one.name)
    }
  }
  const granted = told.reduce((most, one) => Math.max(most, one.granted ?? 0), 0)
  assert.ok((await catalogue.grantVersions()) > granted, 'a range of versions was given twice')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { ANNULUS_SOAK } = process.env
  const rounds = ANNULUS_SOAK === '1' ? 20 : 3
  console.log(`${rounds} rounds, ${await crashRounds(rounds)} acknowledged changes, none lost`)
}
