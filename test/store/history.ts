import { NEVER } from '../../src/store/item.js'
import { IF_ABSENT, IF_ANY, IF_NEVER_PUT, IF_PRESENT, IF_VERSION } from '../../src/store/order.js'
import { Chance } from './chance.js'
import { crowd } from './crowd.js'
import { World } from './world.js'

const CONDITIONS = [IF_ANY, IF_ANY, IF_ANY, IF_ANY, IF_NEVER_PUT, IF_ABSENT, IF_PRESENT, IF_VERSION]
const TYPES = [undefined, undefined, 'text/plain', 'application/json', 'x'.repeat(255)]
const SHIFTS = [90, 3_000, 600, 17_500, 200, 40_000, 1_400]
const MONTH_MS = 30 * 86_400_000

/** What a history is played in: how large, how many buckets, and how many keys a bucket has. */
export interface Stage {
  readonly sizeBytes: number
  readonly buckets: number
  readonly keys: number
  /** The keys crowd into so many lines of the table, so that chains of overflow nodes grow. */
  readonly lines: number
  /** The longest value, now and then. */
  readonly longest: number
  /** Every so many steps a burst of puts shifts the sizes, so that pages change class; 0: never. */
  readonly shiftEvery: number
}

/** One random step after another in a world of its own. */
export class History {
  readonly world: World
  private readonly chance: Chance
  private readonly stage: Stage
  private readonly keys: readonly string[]
  private steps = 0

  /** `isMortal`: the writer dies now and then. */
  constructor(seed: number, stage: Stage, isMortal = false) {
    this.stage = stage
    this.chance = new Chance(seed)
    this.world = new World(stage.sizeBytes, stage.buckets)
    this.world.fate = isMortal ? new Chance(seed ^ 0xdead) : undefined
    this.keys = keysOf(stage, this.world)
  }

  step(): void {
    const { chance, world, stage } = this
    const bucket = chance.below(stage.buckets)
    const key = this.key()
    const dice = chance.below(1_000)
    if (stage.shiftEvery > 0 && ++this.steps % stage.shiftEvery === 0) {
      this.shift()
    } else if (dice < 520) {
      this.put(bucket, key)
    } else if (dice < 640) {
      world.look(bucket, key)
    } else if (dice < 740) {
      const condition = chance.pick(CONDITIONS)
      world.delete(
        bucket,
        key,
        isForDelete(condition) ? condition : IF_ANY,
        this.version(bucket, key),
      )
    } else if (dice < 800) {
      world.touch(bucket, key, this.deadline())
    } else if (dice < 960) {
      this.passTime()
    } else if (dice < 980) {
      world.sweep(1 + chance.below(400))
    } else if (dice < 990) {
      world.list(bucket, chance.once(2) ? '' : 'k1', 1 + chance.below(20))
    } else {
      this.rareStep(bucket)
    }
  }

  private rareStep(bucket: number): void {
    const { chance, world, stage } = this
    const dice = chance.below(6)
    if (dice === 0) {
      world.flush(bucket)
    } else if (dice === 1) {
      world.limit(bucket, chance.once(2) ? 0 : 4_000 + chance.below(stage.sizeBytes >> 3))
    } else if (dice === 2) {
      world.takeOver()
    } else {
      world.verify()
    }
  }

  /** Puts of about one size, until they have the memory; the next shift has another size. */
  private shift(): void {
    const { chance, world, stage } = this
    const size = SHIFTS[(this.steps / stage.shiftEvery) % SHIFTS.length]
    const count = 2 + Math.ceil((stage.sizeBytes * 0.4) / (size + 60))
    for (let n = 0; n < Math.min(count, 600); n++) {
      const length = size - chance.below(size >> 3)
      const deadline = this.deadline()
      const from = chance.below(500_000)
      world.put(chance.below(stage.buckets), { key: this.key(), from, length, deadline })
    }
  }

  private put(bucket: number, key: string): void {
    const { chance, world } = this
    const write = {
      key,
      from: chance.below(500_000),
      length: this.length(),
      type: chance.pick(TYPES),
      deadline: this.deadline(),
      condition: chance.pick(CONDITIONS),
      version: this.version(bucket, key),
    }
    world.put(bucket, write)
  }

  private passTime(): void {
    const { chance, world } = this
    const jump = chance.once(100) ? MONTH_MS * (1 + chance.below(11)) : chance.below(200)
    world.pass(chance.once(10) ? chance.below(100_000) : jump)
    world.advance(1 + chance.below(chance.once(2) ? 4 : 200))
  }

  private key(): string {
    return this.chance.pick(this.keys)
  }

  private length(): number {
    const { chance, stage } = this
    const dice = chance.below(60)
    if (dice === 0) {
      return chance.below(stage.longest)
    }
    return dice < 4 ? chance.below(5_000) : chance.below(dice < 10 ? 300 : 70)
  }

  private deadline(): number {
    const { chance, world } = this
    const dice = chance.below(12)
    if (dice < 6) {
      return NEVER
    }
    if (dice === 6) {
      return world.now + chance.below(12 * MONTH_MS)
    }
    return world.now + chance.below(dice < 9 ? 300 : 100_000)
  }

  private version(bucket: number, key: string): number {
    const known = this.world.buckets[bucket].keys.get(key)?.version ?? 1
    return this.chance.once(4) ? known + 1 : known
  }
}

/** The others say of a delete what the model does not describe. */
function isForDelete(condition: number): boolean {
  return condition === IF_ANY || condition === IF_VERSION || condition === IF_PRESENT
}

/** All worlds of a stage have the same table, so its keys are looked for once. */
const found = new WeakMap<Stage, string[]>()

function keysOf(stage: Stage, { store, pen }: World): string[] {
  const keys = found.get(stage) ?? crowd(store, pen, 0, stage.lines, stage.keys)
  found.set(stage, keys)
  return keys
}
