import { CacheError } from '../../errors.js'
import type { Node } from '../../node/node.js'
import {
  CREATED,
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
import { type HeldWrite, orderOf } from './held.js'
import { whenQuiet } from './quiet.js'

/**
 * A write of a bucket with copies. The key's turn orders the writes; those who keep copies get each
 * one first, the owner last, so that no reader sees what the loss of a host takes back. `holders`:
 * the owner, then the keepers. `nextVersion`: 0 where none is left.
 */
export async function replicate(
  write: HeldWrite,
  holders: readonly Node[],
  epoch: number,
  nextVersion: () => number,
): Promise<Answer> {
  const [owner, ...keepers] = holders
  const { key, op } = write
  const head = await whenQuiet(() =>
    owner.reader.headOf(key.hash, key.words, key.length, key.space),
  )
  const refusal = refusalOf(write, head?.version)
  if (refusal !== 0) {
    return { outcome: refusal, version: head?.version ?? 0 }
  }
  const version = op === OP_PUT ? nextVersion() : 0
  if (op === OP_PUT && version === 0) {
    return { outcome: NO_VERSION, version: 0 }
  }
  const { deadline, type, value } = write
  const rest = { deadline, type, value, version }
  const answers = await Promise.all(
    keepers.map((node) => ask(node, orderOf(key, epoch, keeperOp(op), rest))),
  )
  const bad = answers.find(({ outcome }) => outcome >= NO_MEMORY)
  if (bad !== undefined) {
    return bad
  }
  // The key's turn is ours: a version that was there is still the same, or expired meanwhile.
  const condition = write.condition === IF_VERSION ? IF_PRESENT : write.condition
  return ask(owner, orderOf(key, epoch, op === OP_PUT ? OP_STORE : op, { ...rest, condition }))
}

/** Whether a write was refused after copies may have been changed: they are to be settled again. */
export function hasDisturbed({ outcome }: Answer): boolean {
  return outcome !== CREATED && outcome !== REPLACED && outcome !== STALE
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
