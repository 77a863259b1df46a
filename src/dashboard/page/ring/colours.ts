/** Colours of nodes: told apart by hue, and by lightness where the hues come round again. */

export type Scheme = 'light' | 'dark'

interface Turn {
  /** Neighbours in this order lie far apart: rings are small, and begin with these. */
  readonly hues: readonly number[]
  readonly lightness: Readonly<Record<Scheme, number>>
  readonly chroma: Readonly<Record<Scheme, number>>
}

/** Light and dark ones have fewer hues, which a screen can still show and an eye tell apart. */
const TURNS: readonly Turn[] = [
  {
    hues: [255, 55, 155, 350, 85, 300, 195, 25, 125, 325, 225, 275],
    lightness: { light: 0.64, dark: 0.72 },
    chroma: { light: 0.15, dark: 0.15 },
  },
  {
    hues: [245, 65, 155, 335, 110, 290, 20, 200],
    lightness: { light: 0.47, dark: 0.85 },
    chroma: { light: 0.14, dark: 0.11 },
  },
  {
    hues: [270, 45, 150, 330],
    lightness: { light: 0.33, dark: 0.58 },
    chroma: { light: 0.12, dark: 0.13 },
  },
]
const SLOTS = TURNS.flatMap((turn) => turn.hues.map((hue) => ({ turn, hue })))
export const COLOURS = SLOTS.length

/** Slots for node ids, each the same for as long as this lives, and as a rule after a reload, too. */
export class NodeColours {
  private readonly slots = new Map<string, number>()

  /** Ids that are not there any more give their slots up only where there are more than colours. */
  see(ids: readonly string[]): void {
    const fresh = ids.filter((id) => !this.slots.has(id))
    if (fresh.length === 0) return
    if (this.slots.size + fresh.length > COLOURS) {
      for (const id of this.slots.keys()) if (!ids.includes(id)) this.slots.delete(id)
    }
    for (const id of [...fresh].sort(byName)) this.slots.set(id, this.freeSlot(id))
  }

  colour(id: string, scheme: Scheme): string {
    const slot = this.slots.get(id) ?? wanted(id)
    return colourOf(slot % COLOURS, scheme)
  }

  private freeSlot(id: string): number {
    const taken = new Set(this.slots.values())
    const first = wanted(id)
    for (let step = 0; step < COLOURS; step++) {
      const slot = (first + step) % COLOURS
      if (!taken.has(slot)) return slot
    }
    return first % COLOURS
  }
}

function byName(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}

/** `n1` has the first colour, `n2` the second; other names have one by their letters. */
function wanted(id: string): number {
  const number = /([0-9]{1,9})$/.exec(id)?.[1]
  if (number !== undefined) return Math.max(0, Number(number) - 1)
  let sum = 0
  for (const letter of id) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 65_521
  return sum
}

export function colourOf(slot: number, scheme: Scheme): string {
  const { turn, hue } = SLOTS[slot % COLOURS]
  return inGamut(turn.lightness[scheme], turn.chroma[scheme], hue)
}

const STEPS_TO_GREY = 24

/** OKLCH to `#rrggbb`, with as much of the chroma as a screen can show. */
function inGamut(lightness: number, chroma: number, hue: number): string {
  for (let step = 0; step <= STEPS_TO_GREY; step++) {
    const rgb = linearRgb(lightness, chroma * (1 - step / STEPS_TO_GREY), hue)
    if (rgb.every((part) => part >= -0.0005 && part <= 1.0005)) return hex(rgb)
  }
  return hex(linearRgb(lightness, 0, hue))
}

/** Björn Ottosson, "A perceptual color space for image processing", 2020. */
function linearRgb(lightness: number, chroma: number, hue: number): readonly number[] {
  const angle = (hue * Math.PI) / 180
  const [a, b] = [chroma * Math.cos(angle), chroma * Math.sin(angle)]
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ]
}

function hex(linear: readonly number[]): string {
  const parts = linear.map((part) => {
    const clear = Math.min(1, Math.max(0, part))
    const gamma = clear <= 0.0031308 ? 12.92 * clear : 1.055 * clear ** (1 / 2.4) - 0.055
    return Math.round(gamma * 255)
      .toString(16)
      .padStart(2, '0')
  })
  return `#${parts.join('')}`
}
