/** What a writer is asked to do. */
export const OP_PUT = 1
export const OP_DELETE = 2
export const OP_TOUCH = 3
/** Orders about the node itself. Their arguments travel in the fields of a write. */
export const OP_OPEN_SPACE = 4 // space, hash: seed, deadline: quota in bytes
export const OP_KILL_SPACE = 5 // space
export const OP_GRANT = 6 // version: first of VERSION_RANGE versions
export const OP_TICK = 7 // expire and sweep all that is due, however much it is
/** Orders of motion and replication. `version` is the item's, given by whoever moves it. */
export const OP_STORE = 8 // a put of that version
export const OP_COPY = 9 // the same, counted by nobody: the key was put elsewhere
export const OP_RELEASE = 10 // lets the item go where it has that version (0: any): it is elsewhere
export const OP_DROP = 11 // the same, of a bucket whose keys are not moved
export const OP_FENCE = 12 // version: from now on refuse writes that went by routes of a lower fence

/** On what condition. */
export const IF_ANY = 0
export const IF_ABSENT = 1
export const IF_PRESENT = 2
export const IF_VERSION = 3
/** As IF_ABSENT, told apart in the outcome: the bucket is immutable. */
export const IF_NEVER_PUT = 4
/** As IF_PRESENT in an immutable bucket: a key that lives EXISTS, a missing one is a mismatch. */
export const IF_REPLACEABLE = 5

/** And how it went. */
export const CREATED = 1
export const REPLACED = 2
export const EXISTS = 3
export const MISMATCH = 4
export const DONE = 5
export const MISSING = 6
export const NO_MEMORY = 7
export const NO_VERSION = 8
export const NO_SPACE = 9
/** The order was routed by a ring that is no longer: not carried out. */
export const STALE = 10
/** The order was the death of one worker after the other: not carried out. */
export const FAILED = 11

/**
 * One write, as it lies in a mailbox or in the caller's scratch. The body is what the item will hold:
 * the key padded with zeros to a word, then, if there is a content type, its length byte and text,
 * padded likewise, then the value. A writer keeps one Order and fills it anew for each write.
 */
export class Order {
  op = OP_PUT
  /** The bucket's space. */
  space = 0
  /** XXH32 of the key with the bucket's seed. */
  hash = 0
  condition = IF_ANY
  /** For IF_VERSION, and of orders that bring a version along. */
  version = 0
  /** That of the routes that it went by. */
  fence = 0
  /** Milliseconds since the base, or NEVER. */
  deadline = 0
  keyBytes = 0
  typeBytes = 0
  valueBytes = 0
  /** The body begins at `words[bodyAt]`; `bytes` is the same memory. */
  words: Int32Array = NO_WORDS
  bytes: Uint8Array = NO_BYTES
  bodyAt = 0
}

const NO_WORDS = new Int32Array(0)
const NO_BYTES = new Uint8Array(0)
