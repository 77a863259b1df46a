import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  COLOURS,
  colourOf,
  NodeColours,
  type Scheme,
} from '../../src/dashboard/page/ring/colours.js'

const colours = suite('dashboard colours')

/** Of the panels in style/theme.css. */
const GROUNDS: Readonly<Record<Scheme, string>> = { light: '#ffffff', dark: '#11151d' }
const SCHEMES = ['light', 'dark'] as const
/** WCAG 2.2, 1.4.11: what is no text. */
const LEAST_CONTRAST = 3
/** In OKLab, where 0.02 can just be seen. */
const LEAST_DISTANCE = 0.045

function channels(hex: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16))
}

function linear(hex: string): number[] {
  return channels(hex).map((part) => {
    const value = part / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
}

function luminance(hex: string): number {
  const [r, g, b] = linear(hex)
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function okLab(hex: string): number[] {
  const [r, g, b] = linear(hex)
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (light + 0.05) / (dark + 0.05)
}

function distance(a: string, b: string): number {
  const [x, y] = [okLab(a), okLab(b)]
  return Math.hypot(...x.map((part, i) => part - y[i]))
}

for (const scheme of SCHEMES) {
  colours(`every colour stands out from a ${scheme} panel, and from every other`, () => {
    const all = Array.from({ length: COLOURS }, (_, slot) => colourOf(slot, scheme))
    assert.ok(all.length >= 20)
    for (const [i, one] of all.entries()) {
      assert.match(one, /^#[0-9a-f]{6}$/)
      const ratio = contrast(one, GROUNDS[scheme])
      assert.ok(ratio >= LEAST_CONTRAST, `${i}: ${one} has ${ratio.toFixed(2)}`)
      for (const other of all.slice(i + 1)) {
        assert.ok(distance(one, other) >= LEAST_DISTANCE, `${one} ${other}`)
      }
    }
  })
}

colours('nodes that are there at once have colours of their own', () => {
  const nodes = new NodeColours()
  const ids = Array.from({ length: COLOURS }, (_, i) => `n${i * 7 + 1}`)
  nodes.see(ids)
  assert.is(new Set(ids.map((id) => nodes.colour(id, 'dark'))).size, COLOURS)
})

colours('a node keeps its colour while others come and go, and has it again after a reload', () => {
  const nodes = new NodeColours()
  nodes.see(['n1', 'n2', 'n3'])
  const before = nodes.colour('n3', 'light')
  nodes.see(['n3', 'n9'])
  assert.is(nodes.colour('n3', 'light'), before)
  const again = new NodeColours()
  again.see(['n9', 'n3'])
  assert.is(again.colour('n3', 'light'), before)
  assert.is(again.colour('n9', 'light'), nodes.colour('n9', 'light'))
})

colours('beyond all colours those of nodes that have gone are given again', () => {
  const nodes = new NodeColours()
  for (let i = 1; i <= 500; i++) nodes.see(['n1', `n${i}`])
  assert.ok(nodes.colour('n1', 'dark') !== nodes.colour('n500', 'dark'))
  const many = Array.from({ length: 100 }, (_, i) => `host-${i}-x`)
  nodes.see(many)
  for (const id of many) assert.match(nodes.colour(id, 'light'), /^#/)
})

colours.run()
