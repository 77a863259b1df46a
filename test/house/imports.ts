import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import { lineOf, type Masked } from './mask.js'
import { barrels, CLOCK, roomOf, rooms } from './rooms.js'

export interface Finding {
  readonly file: string
  readonly line: number
  readonly rule: string
  /** How to mend it. */
  readonly fix: string
}

interface Import {
  readonly target: string
  readonly typesOnly: boolean
  readonly line: number
}

const builtins = new Set(builtinModules)
const FROM = /\b(?:import|export)\b[^'"`;]*?\bfrom\s*(['"])(.+?)\1/g
const BARE = /\bimport\s*\(?\s*(['"])(.+?)\1/g

function importsOf({ code, bare }: Masked): Import[] {
  const found: Import[] = []
  for (const pattern of [FROM, BARE]) {
    for (const match of code.matchAll(pattern)) {
      // A match inside a string has been blanked out in `bare`.
      if (!/^(?:import|export)/.test(bare.slice(match.index, match.index + 6))) continue
      const quote = match.index + match[0].lastIndexOf(match[1] + match[2])
      const typesOnly = /^(?:import|export)\s+type\b/.test(match[0])
      found.push({ target: match[2], typesOnly, line: lineOf(code, quote) })
    }
  }
  return found
}

/** Checks who imports whom, for one file below src/. `path` is relative to src/. */
export function checkImports(path: string, text: Masked): Finding[] {
  const name = roomOf(path)
  const file = `src/${path}`
  if (name === undefined) {
    const fix =
      'put it into one of the rooms of docs/architecture.md, or add a room to test/house/rooms.ts'
    return [{ file, line: 1, rule: 'it stands in no known room', fix }]
  }
  const findings: Finding[] = []
  for (const { target, typesOnly, line } of importsOf(text)) {
    const problem = target.startsWith('.')
      ? inside(path, name, target, typesOnly)
      : outside(name, target.replace(/^node:/, ''), target)
    if (problem !== undefined) findings.push({ file, line, ...problem })
  }
  return [...findings, ...checkClock(path, name, text), ...checkBarrel(path, text)]
}

type Problem = Pick<Finding, 'rule' | 'fix'>

function inside(
  path: string,
  name: string,
  target: string,
  typesOnly: boolean,
): Problem | undefined {
  const to = posix.normalize(posix.join(posix.dirname(path), target)).replace(/\.js$/, '.ts')
  if (to.startsWith('../')) {
    return { rule: `imports ${target}, outside src/`, fix: 'what src/ needs lies in src/' }
  }
  if (to === CLOCK && !typesOnly && (name === 'store' || name === 'ring')) {
    return {
      rule: `${name} imports the clock`,
      fix: `take it as an argument; import type is allowed`,
    }
  }
  const other = roomOf(to)
  if (other === undefined || other === name || other === 'leaf') return undefined
  if (rooms[name].imports.includes(other)) return undefined
  const allowed = [...rooms[name].imports, 'leaves (key, units, errors, hash, clock)'].join(', ')
  return {
    rule: `${name} imports ${other} (${to})`,
    fix: `${name} may import ${allowed}; let the value arrive as an argument, or move the code down`,
  }
}

function outside(name: string, module: string, target: string): Problem | undefined {
  const { refuses } = rooms[name]
  const top = module.split('/')[0]
  if (refuses.includes('*') && (builtins.has(top) || target.startsWith('node:'))) {
    return {
      rule: `${name} imports ${target}`,
      fix: `${name} is pure: pass what it needs as an argument`,
    }
  }
  if (!refuses.includes(top)) return undefined
  const fix =
    name === 'engine' ? 'the engine knows only Node: put it behind src/node/' : 'put it higher up'
  return { rule: `${name} imports ${target}`, fix }
}

function checkClock(path: string, name: string, { bare }: Masked): Finding[] {
  if (rooms[name].mayReadClock || path === CLOCK) return []
  const READS = /\b(?:Date\.now|Math\.random|performance\.now|new Date\(\)|crypto\.random\w+)/g
  // A node may measure how long it has waited: no rule about data hangs on that.
  const found = [...bare.matchAll(READS)].filter(
    ([what]) => name !== 'node' || what !== 'performance.now',
  )
  return found.map((match) => ({
    file: `src/${path}`,
    line: lineOf(bare, match.index),
    rule: `${name} reads ${match[0]}`,
    fix: 'take the clock as () => number and randomness as (n) => Uint8Array',
  }))
}

function checkBarrel(path: string, { code, bare }: Masked): Finding[] {
  if (barrels.has(path)) return []
  const REEXPORT = /\bexport\b(?:\s+type)?\s*(?:\*|\{[^}]*\})[^'"`;\n]*\bfrom\s*['"]/g
  return [...code.matchAll(REEXPORT)]
    .filter((match) => bare.startsWith('export', match.index))
    .map((match) => ({
      file: `src/${path}`,
      line: lineOf(code, match.index),
      rule: 're-exports another file',
      fix: 'import from the file that defines it; only src/index.ts and src/ring/index.ts re-export',
    }))
}
