import type { Member } from './ring.js'
import { type TokenHash, tokensOf } from './token.js'

/** Token and rank are sorted as one number: 32 + 20 bits are exact in a double. */
export const MAX_MEMBERS = 2 ** 20

/** A token that a node wanted and another has. */
interface Shadow {
  readonly token: number
  readonly owner: number
}

/** How many tokens stand for what, and by which rule. */
export interface TokenRule {
  /** Tokens for each unit of weight. */
  readonly perUnit: number
  readonly hash: TokenHash | undefined
}

/**
 * Every member's tokens, sorted, each once, with its owner as an index of `members`. Of equal tokens the
 * smaller id has it, whoever joined first; the others' are remembered, for when that one leaves.
 */
export class Placement {
  readonly members: readonly Member[]
  readonly tokens: Uint32Array
  readonly owners: Uint32Array
  private readonly rule: TokenRule
  private readonly shadows: readonly Shadow[]

  private constructor(
    members: readonly Member[],
    rule: TokenRule,
    tokens: Uint32Array,
    owners: Uint32Array,
    shadows: readonly Shadow[],
  ) {
    this.members = members
    this.rule = rule
    this.tokens = tokens
    this.owners = owners
    this.shadows = shadows
  }

  static of(members: readonly Member[], rule: TokenRule): Placement {
    const ranks = members.map((_, index) => index)
    ranks.sort((a, b) => (members[a].id < members[b].id ? -1 : 1))
    const total = members.reduce((sum, member) => sum + tokenCount(member, rule.perUnit), 0)
    const packed = new Float64Array(total)
    let filled = 0
    for (const [rank, index] of ranks.entries()) {
      for (const token of wanted(members[index], rule)) {
        packed[filled++] = token * MAX_MEMBERS + rank
      }
    }
    packed.sort()
    const tokens = new Uint32Array(total)
    const owners = new Uint32Array(total)
    const shadows: Shadow[] = []
    let count = 0
    for (const pair of packed) {
      const token = Math.floor(pair / MAX_MEMBERS)
      const owner = ranks[pair - token * MAX_MEMBERS]
      if (count > 0 && tokens[count - 1] === token) {
        shadows.push({ token, owner })
        continue
      }
      tokens[count] = token
      owners[count] = owner
      count++
    }
    return new Placement(members, rule, tokens.slice(0, count), owners.slice(0, count), shadows)
  }

  /** One member more: its tokens are merged in, in one pass. */
  with(member: Member): Placement {
    const members = [...this.members, member]
    const shadows = [...this.shadows]
    const fresh = wanted(member, this.rule).sort()
    const tokens = new Uint32Array(this.tokens.length + fresh.length)
    const owners = new Uint32Array(tokens.length)
    const mine = this.members.length
    let count = 0
    let at = 0
    for (let i = 0; i < fresh.length; i++) {
      const token = fresh[i]
      while (at < this.tokens.length && this.tokens[at] < token) {
        tokens[count] = this.tokens[at]
        owners[count++] = this.owners[at++]
      }
      let owner = mine
      if (count > 0 && tokens[count - 1] === token) {
        shadows.push({ token, owner: mine }) // its own token once more
        continue
      }
      if (at < this.tokens.length && this.tokens[at] === token) {
        const other = this.owners[at++]
        owner = member.id < members[other].id ? mine : other
        shadows.push({ token, owner: owner === mine ? other : mine })
      }
      tokens[count] = token
      owners[count++] = owner
    }
    tokens.set(this.tokens.subarray(at), count)
    owners.set(this.owners.subarray(at), count)
    count += this.tokens.length - at
    return new Placement(
      members,
      this.rule,
      tokens.slice(0, count),
      owners.slice(0, count),
      shadows,
    )
  }

  /** One member less: tokens that it had from others go back to them. */
  without(gone: number): Placement {
    const members = this.members.filter((_, index) => index !== gone)
    const renumber = (owner: number) => (owner > gone ? owner - 1 : owner)
    const heirs = this.heirsOf(gone)
    const tokens = new Uint32Array(this.tokens.length)
    const owners = new Uint32Array(this.tokens.length)
    let count = 0
    for (let i = 0; i < this.tokens.length; i++) {
      const token = this.tokens[i]
      const owner = this.owners[i] === gone ? heirs.get(token) : this.owners[i]
      if (owner !== undefined) {
        tokens[count] = token
        owners[count++] = renumber(owner)
      }
    }
    const shadows = this.shadows
      .filter(({ token, owner }) => owner !== gone && heirs.get(token) !== owner)
      .map(({ token, owner }) => ({ token, owner: renumber(owner) }))
    return new Placement(
      members,
      this.rule,
      tokens.slice(0, count),
      owners.slice(0, count),
      shadows,
    )
  }

  /** For each token that a node leaves to somebody: to whom. */
  private heirsOf(gone: number): Map<number, number> {
    const heirs = new Map<number, number>()
    const held = new Set<number>()
    if (this.shadows.length === 0) {
      return heirs
    }
    for (let i = 0; i < this.tokens.length; i++) {
      if (this.owners[i] === gone) {
        held.add(this.tokens[i])
      }
    }
    for (const { token, owner } of this.shadows) {
      const other = heirs.get(token)
      const isNearer = other === undefined || this.members[owner].id < this.members[other].id
      if (owner !== gone && held.has(token) && isNearer) {
        heirs.set(token, owner)
      }
    }
    return heirs
  }
}

export function tokenCount(member: Member, perUnit: number): number {
  return Math.max(1, Math.round(member.weight * perUnit))
}

function wanted(member: Member, { perUnit, hash }: TokenRule): Uint32Array {
  return tokensOf(member.id, tokenCount(member, perUnit), hash)
}
