/**
 * TypeScript's own words, told apart from comments and text: `code` has the comments blanked out,
 * `bare` also the inside of strings, templates and regular expressions. Both keep every offset and
 * line break. TypeScript 7 has no compiler API, hence this scanner.
 */
export interface Masked {
  readonly code: string
  readonly bare: string
}

/** After these a slash starts a regular expression, not a division. */
const BEFORE_REGEX =
  /(?:^|[([{,;:=!&|?+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|await|yield))\s*$/

export function mask(source: string): Masked {
  const code = source.split('')
  const bare = source.split('')
  // One entry for each open `${`: the depth of braces inside it.
  const templates: number[] = []
  const blank = (target: string[], from: number, to: number) => {
    for (let i = from; i < to; i++) if (target[i] !== '\n') target[i] = ' '
  }
  let at = 0
  const skipTo = (end: number, comment: boolean) => {
    if (comment) blank(code, at, end)
    blank(bare, comment ? at : at + 1, comment ? end : end - 1)
    at = end
  }
  while (at < source.length) {
    const c = source[at]
    if (source.startsWith('//', at)) {
      const end = source.indexOf('\n', at)
      skipTo(end < 0 ? source.length : end, true)
    } else if (source.startsWith('/*', at)) {
      const end = source.indexOf('*/', at + 2)
      skipTo(end < 0 ? source.length : end + 2, true)
    } else if (c === "'" || c === '"') {
      skipTo(endOfString(source, at), false)
    } else if (c === '`') {
      skipTo(endOfTemplate(source, at, templates), false)
    } else if (c === '/' && BEFORE_REGEX.test(bare.slice(Math.max(0, at - 40), at).join(''))) {
      skipTo(endOfRegex(source, at), false)
    } else if (c === '{' && templates.length > 0) {
      templates[templates.length - 1]++
      at++
    } else if (c === '}' && templates.length > 0 && templates[templates.length - 1]-- === 0) {
      templates.pop()
      skipTo(endOfTemplate(source, at, templates), false)
    } else {
      at++
    }
  }
  return { code: code.join(''), bare: bare.join('') }
}

function endOfString(source: string, from: number): number {
  for (let i = from + 1; i < source.length; i++) {
    if (source[i] === '\\') i++
    else if (source[i] === source[from] || source[i] === '\n') return i + 1
  }
  return source.length
}

/** The end of a template's stretch of text: past its closing backtick or its next `${`. */
function endOfTemplate(source: string, from: number, open: number[]): number {
  for (let i = from + 1; i < source.length; i++) {
    if (source[i] === '\\') i++
    else if (source[i] === '`') return i + 1
    else if (source.startsWith('${', i)) {
      open.push(0)
      return i + 2
    }
  }
  return source.length
}

function endOfRegex(source: string, from: number): number {
  let inClass = false
  for (let i = from + 1; i < source.length && source[i] !== '\n'; i++) {
    if (source[i] === '\\') i++
    else if (source[i] === '[') inClass = true
    else if (source[i] === ']') inClass = false
    else if (source[i] === '/' && !inClass) return i + 1
  }
  return from + 1
}

export function lineOf(source: string, offset: number): number {
  let line = 1
  for (let i = source.indexOf('\n'); i >= 0 && i < offset; i = source.indexOf('\n', i + 1)) line++
  return line
}
