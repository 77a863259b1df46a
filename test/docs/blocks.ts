export type Kind = 'ts' | 'js' | 'sh' | 'text'

/** A fenced block of a document. */
export interface Block {
  readonly file: string
  /** Of its first line of content, as an editor counts. */
  readonly line: number
  readonly kind: Kind
  readonly code: string
  /** Why it is not run; undefined for what is run. */
  readonly reason: string | undefined
  /** From `<!-- run: … -->`: how it is run where the usual way is not meant. */
  readonly manner: Manner | undefined
}

/** `server`: start one although 7070 is not named; `answers an error`: curl may meet a 4xx or 5xx. */
export type Manner = (typeof MANNERS)[number]
const MANNERS = ['server', 'answers an error', 'continues'] as const

const TEXT = 'text txt json jsonc yaml toml ini mermaid dot html xml http diff csv nginx promql md'
const LANGUAGES: Readonly<Record<Kind, readonly string[]>> = {
  ts: ['ts', 'typescript'],
  js: ['js', 'javascript', 'mjs'],
  sh: ['sh', 'bash', 'shell'],
  text: TEXT.split(' '),
}

const FENCE = /^(\s*)(`{3,}|~{3,})\s*([^\s`]*)/
const DIRECTIVE = /^\s*<!--\s*(run|not run)\b(?::\s*(.*?))?\s*-->\s*$/

/** Every fenced block of a Markdown text; throws where one cannot be understood. */
export function blocksOf(file: string, text: string): Block[] {
  const lines = text.split('\n')
  const blocks: Block[] = []
  for (let at = 0; at < lines.length; at++) {
    const open = FENCE.exec(lines[at])
    if (open === null) continue
    const [, indent, fence, language] = open
    let end = at + 1
    while (end < lines.length && !closes(lines[end], fence)) end++
    if (end === lines.length) throw new Error(`${file}:${at + 1}: the fence is never closed`)
    const kind = kindOf(language)
    if (kind === undefined) {
      const said = language === '' ? 'the fence names no language' : `${language} is not known`
      throw new Error(
        `${file}:${at + 1}: ${said}; tag it ts, js or sh to run it, or one of: ${TEXT}`,
      )
    }
    const code = lines.slice(at + 1, end).map((line) => line.replace(indent, ''))
    const said = directive(file, lines, at)
    blocks.push({ file, line: at + 2, kind, code: `${code.join('\n')}\n`, ...said })
    at = end
  }
  return blocks
}

function kindOf(language: string): Kind | undefined {
  const kinds = Object.keys(LANGUAGES) as Kind[]
  return kinds.find((kind) => LANGUAGES[kind].includes(language))
}

function closes(line: string, fence: string): boolean {
  const bare = line.trim()
  return bare.length >= fence.length && bare === fence[0].repeat(bare.length)
}

/** The comment that stands directly before a fence, blank lines aside. */
function directive(file: string, lines: string[], fence: number): Pick<Block, 'reason' | 'manner'> {
  let at = fence - 1
  while (at >= 0 && lines[at].trim() === '') at--
  const found = at < 0 ? null : DIRECTIVE.exec(lines[at])
  if (found === null) return { reason: undefined, manner: undefined }
  const [, verb, rest = ''] = found
  if (verb === 'not run') {
    if (rest !== '') return { reason: rest, manner: undefined }
    throw new Error(`${file}:${at + 1}: say why: <!-- not run: reason -->`)
  }
  const manner = MANNERS.find((known) => known === rest)
  if (manner !== undefined) return { reason: undefined, manner }
  throw new Error(`${file}:${at + 1}: "run: ${rest}" is not known; one of: ${MANNERS.join(', ')}`)
}
