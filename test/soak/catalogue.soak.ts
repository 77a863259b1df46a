import { crashRounds } from './catalogue-crash.js'

const ROUNDS = 20

/** SIGKILL in a storm of accounts, buckets and credentials: nothing acknowledged is lost. */
export async function soak(): Promise<string> {
  const changes = await crashRounds(ROUNDS)
  return `${ROUNDS} kills, ${changes} acknowledged changes, all there`
}
