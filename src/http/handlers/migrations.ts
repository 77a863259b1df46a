import type { Migration } from '../../engine/motion/migration.js'
import { sendJson } from '../answer.js'
import { refuseBody } from '../body.js'
import type { HomeExchange } from '../exchange.js'
import { Problem } from '../problem.js'
import { refuseQuery } from '../query.js'

/** The newest first: all that are queued or run, and the last that ended. */
export function listMigrations(x: HomeExchange): void {
  refuseQuery(x.search)
  refuseBody(x)
  const known = x.service.engine.migrations()
  sendJson(x, 200, { migrations: known.map((migration) => migration.receipt()) })
}

export function describeMigration(x: HomeExchange, id: string): void {
  refuseQuery(x.search)
  refuseBody(x)
  sendJson(x, 200, migrationOf(x, id).receipt())
}

/** Asks it to go back; the receipt says when it has. */
export function cancelMigration(x: HomeExchange, id: string): void {
  refuseQuery(x.search)
  refuseBody(x)
  const migration = migrationOf(x, id)
  migration.cancel()
  sendJson(x, 202, migration.receipt())
}

function migrationOf(x: HomeExchange, id: string): Migration {
  const migration = x.service.engine.migration(id)
  if (migration === undefined) {
    const detail = 'There is no migration with this id; receipts of old ones are not kept for ever.'
    throw new Problem('migration_not_found', detail)
  }
  return migration
}
