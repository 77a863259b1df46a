import type { Migration } from '../../engine/motion/migration.js'
import { sendJson } from '../answer.js'
import { refuseBody } from '../body.js'
import type { HomeExchange } from '../exchange.js'
import { readJson } from '../json-body.js'
import { parseFlag, parseNumber, parseQuery, refuseQuery } from '../query.js'
import { emptyBody, newNode } from '../schemas.js'

/** A node joins: it owns its arcs once their keys have come. With `?dryRun=true` the plan alone. */
export async function addNode(x: HomeExchange): Promise<void> {
  const { dryRun, pace } = parseQuery(x.search, ['dryRun', 'pace'])
  const isDry = parseFlag(dryRun, 'dryRun')
  const speed = paceOf(pace)
  const { engine } = x.service
  const options = { ...(x.head.hasBody ? await readJson(x, newNode) : {}), ...speed }
  if (isDry) {
    sendJson(x, 200, await engine.planAddNode(options))
    return
  }
  const migration = await engine.addNode(options)
  sendJson(x, 202, { node: migration.node, migration: migration.id }, location(migration))
}

export async function removeNode(x: HomeExchange, id: string): Promise<void> {
  const { dryRun, force, pace } = parseQuery(x.search, ['dryRun', 'force', 'pace'])
  const isDry = parseFlag(dryRun, 'dryRun')
  const options = { force: parseFlag(force, 'force'), ...paceOf(pace) }
  refuseBody(x)
  const { engine } = x.service
  if (isDry) {
    sendJson(x, 200, await engine.planRemoveNode(id, options))
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

function location({ id }: Migration): string[] {
  return ['Location', `/v1/migrations/${encodeURIComponent(id)}`]
}

function paceOf(text: string | undefined): { pace?: number } {
  return text === undefined ? {} : { pace: parseNumber(text, 'pace') }
}
