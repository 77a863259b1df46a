interface Follower {
  readonly calls: Set<() => void>
  readonly listener: () => void
}

/** One listener a signal: Node warns of a leak where a signal that many calls share has more than ten. */
const followers = new WeakMap<AbortSignal, Follower>()

/** Calls back once the signal is aborted, unless what it returns is called before. */
export function onAbort(signal: AbortSignal | undefined, call: () => void): () => void {
  if (signal === undefined) return () => {}
  const follower = followers.get(signal) ?? follow(signal)
  // A function of its own: one and the same may be told twice.
  const once = () => call()
  follower.calls.add(once)
  return () => {
    follower.calls.delete(once)
    if (follower.calls.size > 0 || followers.get(signal) !== follower) return
    followers.delete(signal)
    signal.removeEventListener('abort', follower.listener)
  }
}

function follow(signal: AbortSignal): Follower {
  const calls = new Set<() => void>()
  const listener = () => {
    for (const call of calls) call()
  }
  const follower = { calls, listener }
  followers.set(signal, follower)
  signal.addEventListener('abort', listener, { once: true })
  return follower
}
