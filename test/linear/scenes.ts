import type { ArenaOptions } from './arena.js'
import type { Scene } from './disturber.js'

/** What the server holds, what happens to it, and who looks on. */
export interface Setting extends ArenaOptions {
  readonly scene: Scene
  /** Of each bucket under test. */
  readonly replicas: readonly number[]
  /** How many in CI. */
  readonly histories: number
}

/** What histories are recorded under. */
export const scenes: Readonly<Record<string, Setting>> = {
  'while workers die': { scene: { deaths: 2 }, replicas: [0, 1], histories: 2 },
  'while nodes join, leave and die': {
    scene: { joins: 1, leaves: 1, deaths: 1, cancelledOnceIn: 4 },
    replicas: [0, 1],
    histories: 2,
    filling: 2_000,
  },
  'while slow moves are cancelled': {
    scene: { joins: 1, leaves: 1, deaths: 1, cancelledOnceIn: 2 },
    replicas: [0, 2],
    histories: 1,
    filling: 2_000,
    engine: { movePace: 0.03 },
  },
  'of copies while hosts go bad': {
    scene: { joins: 1, leaves: 1, losses: 1, deaths: 1 },
    replicas: [1],
    histories: 1,
    filling: 2_000,
  },
}
