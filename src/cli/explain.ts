import type { Explanation } from '../client/index.js'

/** Where a key stands, whoever was asked. */
export type Placement = Omit<Explanation, 'key'>

export function explanationLines(key: string, placement: Placement): string[] {
  const { hash, angle, token, owner, successors, epoch } = placement
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
