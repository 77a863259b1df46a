import { FULL } from './effort.js'
import { type RoutingRow, routing } from './routing.bench.js'
import type { Row } from './row.js'

const AIM_NS = 100
const ROUND_MS = 150

/** The routing benchmark as rows: the peers take strings, so they stand beside ours from a string. */
export async function routingRows({ rounds, share } = FULL): Promise<Row[]> {
  const found = await routing({ rounds, timeMs: Math.max(20, ROUND_MS * share) })
  const ours = found.filter(({ name }) => name.startsWith('annulus'))
  const fromText = ours.find(({ name }) => name.endsWith('from a string'))
  const peers = found.filter((row) => !ours.includes(row))
  return [
    ...ours.map((row) => ownRow(row, row !== fromText)),
    ...peers.map((peer) => besideRow(fromText, peer)),
  ]
}

function ownRow({ name, ns }: RoutingRow, hasAim: boolean): Row {
  const row = { bench: 'routing', what: name, value: ns, unit: 'ns', bar: barOf(name, true) }
  return hasAim ? { ...row, aim: `<= ${AIM_NS} ns`, met: ns <= AIM_NS } : row
}

function besideRow(ours: RoutingRow | undefined, peer: RoutingRow): Row {
  if (ours === undefined) throw new Error('routing() has no row for ours from a string')
  const ratio = ours.ns / peer.ns
  const bar = barOf(peer.name, false)
  const row = { bench: 'routing', what: peer.name, value: peer.ns, unit: 'ns', ratio, bar }
  return { ...row, beside: `ours / theirs: ${ours.name}`, aim: '< 1 ×', met: ratio < 1 }
}

function barOf(label: string, isOurs: boolean) {
  return { group: 'hash and owner of a key', label, isOurs }
}
