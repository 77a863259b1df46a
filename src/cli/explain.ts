import type { Remote } from './remote.js'

/** Where a key stands on the ring, as `GET /v1/buckets/{id}/explain` answers it. */
export interface Explanation {
  readonly hash: number
  readonly angle: number
  readonly token: number
  readonly owner: string
  readonly successors: readonly string[]
  readonly epoch: number
}

/** Asks a running server. */
export function explainOverHttp(
  remote: Remote,
  bucketId: string,
  key: string,
): Promise<Explanation> {
  const path = `/v1/buckets/${encodeURIComponent(bucketId)}/explain?key=${encodeURIComponent(key)}`
  return remote.json(path)
}

export function explanationLines(key: string, explanation: Explanation): string[] {
  const { hash, angle, token, owner, successors, epoch } = explanation
  const degrees = (position: number) => ((position / 2 ** 32) * 360).toFixed(4)
  return [
    `key         ${key}`,
    `hash        ${hash} (0x${hash.toString(16).padStart(8, '0')})`,
    `angle       ${angle.toFixed(4)}°`,
    `token       ${token} (${degrees(token)}°)`,
    `owner       ${owner}`,
    `successors  ${successors.length === 0 ? 'none' : successors.join(', ')}`,
    `epoch       ${epoch}`,
  ]
}
