import type { Migration } from '../../engine/motion/migration.js'
import type { Plan } from '../../engine/motion/receipt.js'
import { drawnMoves } from '../../ring/moves.js'
import type { Ring } from '../../ring/ring.js'
import { sendJson } from '../answer.js'
import { refuseBody } from '../body.js'
import type { HomeExchange } from '../exchange.js'
import { readJson } from '../json-body.js'
import { Problem } from '../problem.js'
import { parseFlag, parseNumber, parseQuery, refuseQuery } from '../query.js'
import { emptyBody, newNode } from '../schemas.js'
import { DRAWN_POSITIONS } from './ring.js'

/** A node joins: it owns its arcs once their keys have come. With `?dryRun=true` the plan alone. */
export async function addNode(x: HomeExchange): Promise<void> {
  const { dryRun, arcs, pace } = parseQuery(x.search, ['dryRun', 'arcs', 'pace'])
  const isDry = parseFlag(dryRun, 'dryRun')
  const isDrawn = drawnOf(arcs, isDry)
  const speed = paceOf(pace)
  const { engine } = x.service
  const options = { ...(x.head.hasBody ? await readJson(x, newNode) : {}), ...speed }
  if (isDry) {
    const { ring } = engine
    const plan = await engine.planAddNode(options)
    const { weight = 1 } = options
    sendJson(x, 200, isDrawn ? drawn(plan, ring, ring.with({ id: plan.node, weight })) : plan)
    return
  }
  const migration = await engine.addNode(options)
  sendJson(x, 202, { node: migration.node, migration: migration.id }, location(migration))
}

export async function removeNode(x: HomeExchange, id: string): Promise<void> {
  const { dryRun, arcs, force, pace } = parseQuery(x.search, ['dryRun', 'arcs', 'force', 'pace'])
  const isDry = parseFlag(dryRun, 'dryRun')
  const isDrawn = drawnOf(arcs, isDry)
  const options = { force: parseFlag(force, 'force'), ...paceOf(pace) }
  refuseBody(x)
  const { engine } = x.service
  if (isDry) {
    const { ring } = engine
    const plan = await engine.planRemoveNode(id, options)
    sendJson(x, 200, isDrawn ? drawn(plan, ring, ring.without(id)) : plan)
    return
  }
  const migration = await engine.removeNode(id, options)
  sendJson(x, 202, { migration: migration.id }, location(migration))
}

/** The host went bad: what it held is gone, and the ring closes over it. */
export async function failNode(x: HomeExchange, id: string): Promise<void> {
  refuseQuery(x.search)
  if (x.head.hasBody) await readJson(x, emptyBody)
  const { engine } = x.service
  const repair = await engine.failNode(id)
  const answer = { epoch: engine.ringStatus().epoch, migration: repair?.id ?? null }
  sendJson(x, 202, answer, repair === undefined ? [] : location(repair))
}

/** With the arcs that would move, to look at. The rings are those that the plan was made for. */
function drawn(plan: Plan, before: Ring, after: Ring): object {
  return { ...plan, moves: drawnMoves(before, after, DRAWN_POSITIONS) }
}

function drawnOf(arcs: string | undefined, isDry: boolean): boolean {
  const isDrawn = parseFlag(arcs, 'arcs')
  if (!isDrawn || isDry) return isDrawn
  throw new Problem('invalid_option', 'arcs goes with dryRun=true: a plan has arcs to show.')
}

function location({ id }: Migration): string[] {
  return ['Location', `/v1/migrations/${encodeURIComponent(id)}`]
}

function paceOf(text: string | undefined): { pace?: number } {
  return text === undefined ? {} : { pace: parseNumber(text, 'pace') }
}
