import { availableParallelism } from 'node:os'

/** More than that has not been measured. */
const MOST = 8

/**
 * As many threads to serve the port as suit the cores: half of them. An acceptor takes ten times as long
 * over a request as a node takes over the write that it may hold, so nodes hardly ask for a core each; the
 * other half is for them, for the system's part in every packet, and for clients on the same machine.
 */
export function suitableAcceptors(cores: number = availableParallelism()): number {
  if (process.platform === 'win32') return 1 // no socket can be shared there
  return Math.max(1, Math.min(MOST, Math.floor(cores / 2)))
}
