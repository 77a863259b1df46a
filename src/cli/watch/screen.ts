const CODES = { plain: '', bold: '1', dim: '2', red: '31', green: '32', yellow: '33', cyan: '36' }

export type Style = keyof typeof CODES
/** A piece of a line, plain or in a style. Every character is one column wide. */
export type Span = string | readonly [Style, string]
export type Line = readonly Span[]

/** Where it is drawn: standard output, or a test's own stream. */
export interface Output {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  readonly rows?: number | undefined
  write(text: string): unknown
}

const HIDE_CURSOR = '\x1b[?25l'
const SHOW_CURSOR = '\x1b[?25h'
const END_OF_LINE = '\x1b[K'
const END_OF_SCREEN = '\x1b[J'
const FROM_THE_TOP = '\x1b[2J\x1b[H'

/** Draws a picture over the one before, without letting the terminal scroll or wrap. */
export class Screen {
  private readonly output: Output
  private readonly hasColors: boolean
  /** Lines of the last picture; the cursor stands under them. */
  private drawn = 0

  constructor(output: Output, hasColors: boolean) {
    this.output = output
    this.hasColors = hasColors
  }

  draw(lines: readonly Line[]): void {
    const { columns = 80, rows = 24 } = this.output
    // The cursor's own line is under the picture.
    const shown = lines.slice(0, Math.max(1, rows - 1))
    const up = this.drawn === 0 ? HIDE_CURSOR : `\x1b[${this.drawn}A`
    const text = shown.map((line) => `${paint(line, columns - 1, this.hasColors)}${END_OF_LINE}\n`)
    this.output.write(`${up}\r${text.join('')}${END_OF_SCREEN}`)
    this.drawn = shown.length
  }

  /** After the window has another size, nobody knows where the lines are. */
  clear(): void {
    this.output.write(FROM_THE_TOP)
    this.drawn = 0
  }

  /** Leaves the last picture where it is. */
  end(): void {
    if (this.drawn > 0) this.output.write(SHOW_CURSOR)
    this.drawn = 0
  }
}

/** A line as a terminal shows it, cut to its width. */
export function paint(line: Line, columns: number, hasColors: boolean): string {
  let left = columns
  let text = ''
  for (const span of line) {
    const [style, whole] = typeof span === 'string' ? (['plain', span] as const) : span
    const part = printable(whole).slice(0, Math.max(0, left))
    left -= part.length
    const code = CODES[style]
    text += hasColors && code !== '' && part !== '' ? `\x1b[${code}m${part}\x1b[0m` : part
  }
  return text.trimEnd()
}

/** Nothing that came from a server may steer the terminal. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '?')
}
