import { CacheError } from '../../errors.js'
import type { Node } from '../../node/node.js'
import {
  CREATED,
  DONE,
  EXISTS,
  IF_ABSENT,
  IF_ANY,
  IF_NEVER_PUT,
  IF_PRESENT,
  IF_REPLACEABLE,
  IF_VERSION,
  MISMATCH,
  MISSING,
  NO_MEMORY,
  NO_SPACE,
  NO_VERSION,
  OP_COPY,
  OP_DELETE,
  OP_PUT,
  OP_RELEASE,
  OP_STORE,
  OP_TOUCH,
  REPLACED,
  STALE,
} from '../../store/order.js'
import { type Answer, ask } from './ask.js'
import { type HeldWrite, isFlushed, orderOf } from './held.js'
import { whenQuiet } from './quiet.js'

/** What was decided of a write. Keepers may know of it by then: nothing may decide otherwise. */
interface Decision {
  readonly outcome: number
  readonly version: number
}

/**
 * A write of a bucket with copies. The key's turn orders the writes; those who keep copies get each
 * one first, the owner last, so that no reader sees what the loss of a host takes back. Where the ring
 * changes on the way, a further attempt carries out what the first one decided.
 */
export class Replication {
  private readonly write: HeldWrite
  private readonly nextVersion: () => number
  /** Set once keepers may have heard of it: then it stands, whatever becomes of ring and bucket. */
  decision: Decision | undefined
  /** `nextVersion`: 0 where none is left. */
  constructor(write: HeldWrite, nextVersion: () => number) {
    this.write = write
    this.nextVersion = nextVersion
  }

  /** `holders`: the owner, then the keepers. STALE: the ring has changed, attempt it by the new one. */
  async attempt(holders: readonly Node[], fence: number): Promise<Answer> {
    const [owner, ...keepers] = holders
    const { key, op, deadline, type, value } = this.write
    const isFirst = this.decision === undefined
    const decision = this.decision ?? (await this.decide(owner))
    if (
      decision.outcome !== CREATED &&
      decision.outcome !== REPLACED &&
      decision.outcome !== DONE
    ) {
      return decision
    }
    this.decision = decision
    this.write.isUnderWay = true
    const rest = { deadline, type, value, version: op === OP_PUT ? decision.version : 0 }
    const answers = await allOf(
      keepers.map((node) => ask(node, orderOf(key, fence, keeperOp(op), rest))),
    )
    const bad = answers.find(({ outcome }) => outcome >= NO_MEMORY)
    if (bad !== undefined) {
      return bad
    }
    const condition = isFirst ? this.ownersCondition() : IF_ANY
    const order = orderOf(key, fence, op === OP_PUT ? OP_STORE : op, {
      ...rest,
      condition,
      version: condition === IF_VERSION ? this.write.version : rest.version,
    })
    const answer = await ask(owner, order)
    return isFirst || answer.outcome >= NO_MEMORY ? answer : decision
  }

  private async decide(owner: Node): Promise<Decision> {
    const { key, op } = this.write
    const head = await whenQuiet(() =>
      owner.reader.headOf(key.hash, key.words, key.length, key.space),
    )
    if (isFlushed(this.write)) {
      return { outcome: NO_SPACE, version: 0 } // what was read may be half swept
    }
    const refusal = refusalOf(this.write, head?.version)
    if (refusal !== 0) {
      return { outcome: refusal, version: head?.version ?? 0 }
    }
    if (op !== OP_PUT) {
      return { outcome: DONE, version: head?.version ?? 0 }
    }
    const version = this.nextVersion()
    const outcome = version === 0 ? NO_VERSION : head === undefined ? CREATED : REPLACED
    return { outcome, version }
  }

  /**
   * What a put has to say of its version leaves no room for the one that it expects; the key's turn is
   * ours, so a version that was there is still the same, or has expired.
   */
  private ownersCondition(): number {
    const { op, condition } = this.write
    return op === OP_PUT && condition === IF_VERSION ? IF_PRESENT : condition
  }
}

/** As Promise.all, but no order is under way any more when it throws. */
async function allOf(asked: readonly Promise<Answer>[]): Promise<Answer[]> {
  await Promise.allSettled(asked)
  return Promise.all(asked)
}

/** Whether a write was refused: copies of it, or of what its owner has lost, are to be settled. */
export function hasDisturbed({ outcome }: Answer): boolean {
  return outcome !== CREATED && outcome !== REPLACED && outcome !== DONE && outcome !== STALE
}

function keeperOp(op: number): number {
  switch (op) {
    case OP_PUT:
      return OP_COPY
    case OP_DELETE:
      return OP_RELEASE
    case OP_TOUCH:
      return OP_TOUCH
    default:
      throw new CacheError('internal', `order ${op} cannot be replicated`)
  }
}

/** What the store would answer (see Store.refusal), where the owner has `version` or nothing. */
function refusalOf({ op, condition, version }: HeldWrite, found: number | undefined): number {
  const isMissing = found === undefined
  switch (condition) {
    case IF_ANY:
      return isMissing && op !== OP_PUT ? MISSING : 0
    case IF_ABSENT:
      return isMissing ? 0 : MISMATCH
    case IF_NEVER_PUT:
      return isMissing ? 0 : EXISTS
    case IF_REPLACEABLE:
      return isMissing ? absent(op) : EXISTS
    case IF_PRESENT:
      return isMissing ? absent(op) : 0
    case IF_VERSION:
      return isMissing ? absent(op) : found === version ? 0 : MISMATCH
    default:
      throw new CacheError('internal', `unknown condition ${condition}`)
  }
}

function absent(op: number): number {
  return op === OP_PUT ? MISMATCH : MISSING
}
