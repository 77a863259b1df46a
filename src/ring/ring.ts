import { CacheError } from '../errors.js'
import { MAX_MEMBERS, Placement, type TokenRule, tokenCount } from './placement.js'
import type { TokenHash } from './token.js'

/** Positions on the circle: 0 to 2^32 - 1, clockwise. */
export const CIRCLE = 2 ** 32

const DEFAULT_VIRTUAL_NODES = 1_024
/** Plain 1,024 tokens a node give a peak of 1.05 on average only: docs/decisions/0002-tokens.md. */
const DEFAULT_TOKENS_EACH = 8
const MAX_TOKENS = 2 ** 24

/** A node of the ring. Twice the weight is twice the share; fractions are allowed. */
export interface Member {
  readonly id: string
  readonly weight: number
}

export interface RingOptions {
  /** Virtual nodes for each unit of weight; 1 is the textbook circle, one token a node. */
  readonly virtualNodes?: number
  /** Tokens at which each virtual node stands: 8, on the textbook circle 1. */
  readonly tokensEach?: number
  /** Places tokens by a rule of your own. */
  readonly hash?: TokenHash
  readonly epoch?: number
}

/** A sorted run of numbers to read. */
export interface NumberView extends ArrayLike<number>, Iterable<number> {}

/** `position / 2^32 * 360`: where on the circle a position is drawn. */
export function angle(position: number): number {
  return (position / CIRCLE) * 360
}

/**
 * Who owns which part of the circle. A position belongs to the first token at or after it,
 * clockwise, past the last token to the first. A Ring never changes: `with` and `without` make
 * the next one, one epoch later.
 */
export class Ring {
  readonly epoch: number
  readonly members: readonly Member[]
  readonly virtualNodes: number
  /** Sorted, each once; where two nodes want one token, the smaller id has it. */
  readonly tokens: NumberView
  /** For each token the index of its node in `members`. */
  readonly tokenOwners: NumberView

  /** The tokens and, as a stop for the scan, one more at the end that wraps to the first. */
  private readonly stops: Uint32Array
  private readonly owners: Uint32Array
  /** Cell c holds the index of the first token at or after `c << shift`. */
  private readonly guide: Uint32Array
  private readonly shift: number
  private readonly placement: Placement
  private readonly options: RingOptions
  private parts: ReadonlyMap<string, number> | undefined

  private constructor(placement: Placement, options: RingOptions, like?: Ring) {
    this.placement = placement
    this.options = options
    this.epoch = options.epoch ?? 0
    this.virtualNodes = options.virtualNodes ?? DEFAULT_VIRTUAL_NODES
    this.members = placement.members
    this.tokens = placement.tokens
    this.tokenOwners = placement.owners
    if (like !== undefined) {
      this.stops = like.stops
      this.owners = like.owners
      this.guide = like.guide
      this.shift = like.shift
      this.parts = like.parts
      return
    }
    const count = placement.tokens.length
    this.stops = new Uint32Array(count + 1)
    this.stops.set(placement.tokens)
    this.stops[count] = CIRCLE - 1
    this.owners = new Uint32Array(count + 1)
    this.owners.set(placement.owners)
    this.owners[count] = placement.owners[0]

    const bits = Math.max(1, 32 - Math.clz32(count - 1))
    this.shift = 32 - bits
    this.guide = guideOver(placement.tokens, bits)
  }

  static of(members: readonly Member[], options: RingOptions = {}): Ring {
    const frozen = Object.freeze(members.map(freeze))
    check(frozen, options)
    return new Ring(Placement.of(frozen, ruleOf(options)), options)
  }

  /** The index in `members` of the position's owner. On the path of every key: no allocation. */
  ownerIndex(position: number): number {
    if (this.members.length === 1) return 0
    const stops = this.stops
    let at = this.guide[position >>> this.shift]
    while (stops[at] < position) at++
    return this.owners[at]
  }

  owner(position: number): string {
    return this.members[this.ownerIndex(position)].id
  }

  /** Indexes in `members` of the owners of `count` positions at even distances, from 0 on. */
  ownersAround(count: number): number[] {
    const step = CIRCLE / count
    return Array.from({ length: count }, (_, i) => this.ownerIndex(Math.floor(i * step)))
  }

  /** The token that the position belongs to. */
  token(position: number): number {
    return this.tokens[this.tokenIndex(position)]
  }

  /** The next `count` distinct members after the owner, clockwise; fewer where there are fewer. */
  successors(position: number, count: number): string[] {
    return this.holders(position, count)
      .slice(1)
      .map((index) => this.members[index].id)
  }

  /** Indexes in `members`: the owner, then the next `copies` distinct ones, or all there are. */
  holders(position: number, copies: number): number[] {
    const first = this.tokenIndex(position)
    const found = [this.owners[first]]
    const wanted = Math.min(copies + 1, this.members.length)
    const total = this.tokens.length
    for (let step = 1; step < total && found.length < wanted; step++) {
      const owner = this.owners[(first + step) % total]
      if (!found.includes(owner)) found.push(owner)
    }
    return found
  }

  /** Each member's part of the circle, 0 to 1. */
  shares(): ReadonlyMap<string, number> {
    this.parts ??= this.measure()
    return this.parts
  }

  private measure(): ReadonlyMap<string, number> {
    const positions = new Float64Array(this.members.length)
    const total = this.tokens.length
    let from = this.tokens[total - 1] - CIRCLE
    for (let i = 0; i < total; i++) {
      positions[this.owners[i]] += this.tokens[i] - from
      from = this.tokens[i]
    }
    return new Map(this.members.map((member, i) => [member.id, positions[i] / CIRCLE]))
  }

  with(member: Member): Ring {
    const fresh = freeze(member)
    check([...this.members, fresh], this.options)
    return new Ring(this.placement.with(fresh), { ...this.options, epoch: this.epoch + 1 })
  }

  /** The same circle in another epoch. */
  at(epoch: number): Ring {
    return new Ring(this.placement, { ...this.options, epoch }, this)
  }

  has(id: string): boolean {
    return this.members.some((member) => member.id === id)
  }

  without(id: string): Ring {
    const gone = this.members.findIndex((member) => member.id === id)
    if (gone < 0) {
      throw new CacheError('invalid_option', `node ${JSON.stringify(id)} is not in the ring`)
    }
    if (this.members.length === 1) {
      throw new CacheError('last_node', `node ${JSON.stringify(id)} is the last one of the ring`)
    }
    return new Ring(this.placement.without(gone), { ...this.options, epoch: this.epoch + 1 })
  }

  private tokenIndex(position: number): number {
    let at = this.guide[position >>> this.shift]
    while (this.stops[at] < position) at++
    return at === this.tokens.length ? 0 : at
  }
}

function tokensEach(options: RingOptions): number {
  return options.tokensEach ?? (options.virtualNodes === 1 ? 1 : DEFAULT_TOKENS_EACH)
}

/** About one token to a cell: the scan after the guide is a step or two long. */
function guideOver(tokens: Uint32Array, bits: number): Uint32Array {
  const cells = 2 ** bits
  const width = CIRCLE / cells
  const guide = new Uint32Array(cells)
  let at = 0
  for (let cell = 0; cell < cells; cell++) {
    while (at < tokens.length && tokens[at] < cell * width) at++
    guide[cell] = at
  }
  return guide
}

function freeze({ id, weight }: Member): Member {
  return Object.freeze({ id, weight })
}

function ruleOf(options: RingOptions): TokenRule {
  const virtualNodes = options.virtualNodes ?? DEFAULT_VIRTUAL_NODES
  return { perUnit: virtualNodes * tokensEach(options), hash: options.hash }
}

function check(members: readonly Member[], options: RingOptions): void {
  const { virtualNodes = DEFAULT_VIRTUAL_NODES } = options
  const each = tokensEach(options)
  if (members.length === 0 || members.length > MAX_MEMBERS) {
    throw new CacheError('invalid_option', `a ring has 1 to ${MAX_MEMBERS} nodes`)
  }
  for (const [what, value] of [
    ['virtualNodes', virtualNodes],
    ['tokensEach', each],
  ] as const) {
    if (Number.isInteger(value) && value >= 1 && value <= MAX_TOKENS) continue
    throw new CacheError('invalid_option', `${what}: ${value} is not a whole number, at least 1`)
  }
  const ids = new Set<string>()
  let total = 0
  for (const { id, weight } of members) {
    const name = JSON.stringify(id)
    if (id === '') throw new CacheError('invalid_option', 'a node needs an id')
    if (ids.has(id)) throw new CacheError('invalid_option', `node ${name} is already in the ring`)
    if (!(weight > 0 && weight < Number.POSITIVE_INFINITY)) {
      throw new CacheError('invalid_option', `weight: ${weight} of node ${name} is not above 0`)
    }
    ids.add(id)
    total += tokenCount({ id, weight }, virtualNodes * each)
  }
  if (total > MAX_TOKENS) {
    throw new CacheError(
      'invalid_option',
      `virtualNodes: ${total} tokens are more than ${MAX_TOKENS}: give fewer, or less weight`,
    )
  }
}
