import { join } from 'node:path'
import { Group } from '../child.js'
import { interleave } from '../rounds.js'
import type { Compared } from './judge.js'
import type { Ready, Told } from './station-child.js'

const READY_LIMIT_MS = 60_000
const RUN_LIMIT_MS = 30_000

export type Contested = readonly Compared[] | { readonly failure: string }

/**
 * Runs one station of both builds, way by way, round by round, in several lives: how memory happens to
 * lie is another in each process, and must not pass for a difference between the builds.
 */
export async function contest(
  station: string,
  baseBuild: string,
  ourBuild: string,
  rounds: number,
  lives: number,
): Promise<Contested> {
  const all: Compared[] = []
  for (let life = 0; life < lives; life++) {
    const found = await contestOnce(station, baseBuild, ourBuild, rounds)
    if ('failure' in found) return found
    for (const [i, one] of found.entries()) {
      const { base = [], ours = [] } = all[i] ?? {}
      all[i] = { ...one, base: [...base, ...one.base], ours: [...ours, ...one.ours] }
    }
  }
  return all
}

/** Each side is first in every other round. */
async function contestOnce(
  station: string,
  baseBuild: string,
  ourBuild: string,
  rounds: number,
): Promise<Contested> {
  const file = (build: string) => join(build, 'bench/compare/station-child.js')
  const sides = [baseBuild, ourBuild].map((build) => new Group(file(build), [station]))
  try {
    const [, ready] = (await Promise.all(
      sides.map((side, i) => answer(side, READY_LIMIT_MS, nameOf(i))),
    )) as Ready[]
    const compared: Compared[] = []
    for (const [name, { unit, isMoreBetter }] of Object.entries(ready)) {
      const contestants = sides.map((side, i) => {
        return { name: nameOf(i), run: () => figureOf(side, name, nameOf(i)) }
      })
      await interleave(contestants, 1) // warm
      const figures = await interleave(contestants, rounds)
      const [base, ours] = [0, 1].map((i) => figures.get(nameOf(i)) ?? [])
      compared.push({ name, unit, isMoreBetter, base, ours })
    }
    return compared
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) }
  } finally {
    for (const side of sides) side.end()
  }
}

function nameOf(side: number): string {
  return side === 0 ? 'base' : 'this tree'
}

async function figureOf(side: Group, way: string, name: string): Promise<number> {
  side.child.send(way)
  const told = (await answer(side, RUN_LIMIT_MS, name)) as Told
  if ('failure' in told) throw new Error(`${name}: ${told.failure}`)
  return told.figure
}

function answer({ child }: Group, limitMs: number, name: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      clearTimeout(watchdog)
      child.off('exit', gone)
      child.off('message', told)
    }
    const gone = (code: number | null) => {
      settle()
      reject(new Error(`${name}: the process ended with ${code}`))
    }
    const told = (message: unknown) => {
      settle()
      resolve(message)
    }
    const watchdog = setTimeout(() => {
      settle()
      reject(new Error(`${name}: no answer within ${limitMs / 1_000} s`))
    }, limitMs)
    child.once('exit', gone)
    child.once('message', told)
  })
}
