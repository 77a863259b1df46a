import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { checkImports, type Finding } from './imports.js'
import { checkLockFile } from './lock-file.js'
import { lineOf, type Masked, mask } from './mask.js'

const LINES_LIMIT = 400
const LOCK_FILES = ['.', 'test/suites', 'test/newer'].map((at) => join(at, 'package-lock.json'))
const REFUSED_NAMES = ['utils', 'util', 'helpers', 'helper', 'common']
const CODE = /\.[cm]?[jt]sx?$/

/** Checks the house rules of the package in `root`; an empty list where all hold. */
export function checkHouse(root: string): Finding[] {
  const findings: Finding[] = []
  for (const part of ['src', 'test', 'bench', 'docs']) {
    for (const path of filesBelow(join(root, part))) {
      const file = `${part}/${path}`
      const source = readFileSync(join(root, file), 'utf8')
      findings.push(...checkNames(file), ...checkLeftovers(file, source))
      if (!CODE.test(file)) continue
      const text = mask(source)
      findings.push(...checkLength(file, source), ...checkAny(file, text))
      if (part === 'src') findings.push(...checkImports(path, text))
    }
  }
  return [...findings, ...LOCK_FILES.flatMap((file) => checkLockFile(root, file))]
}

/** One finding as the line that a person reads. */
export function describe({ file, line, rule, fix }: Finding): string {
  return `${file}:${line}: ${rule}; ${fix}`
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => CODE.test(path) || path.endsWith('.md'))
    .filter((path) => !path.split('/').includes('node_modules'))
    .sort()
}

function checkNames(file: string): Finding[] {
  const parts = file.split('/')
  const name = basename(file).replace(/\..*$/, '')
  const bad = [...parts.slice(0, -1), name].find((part) => REFUSED_NAMES.includes(part))
  if (bad === undefined) return []
  const fix = 'name it after the one concept that it holds'
  return [{ file, line: 1, rule: `is named ${bad}, which says nothing`, fix }]
}

function checkLength(file: string, source: string): Finding[] {
  const lines = source.replace(/\n$/, '').split('\n').length
  if (lines <= LINES_LIMIT) return []
  const fix = 'split it where a second concept starts'
  return [{ file, line: LINES_LIMIT + 1, rule: `has ${lines} lines, over ${LINES_LIMIT}`, fix }]
}

function checkAny(file: string, { bare }: Masked): Finding[] {
  const ANY = /[:<|&]\s*any\b(?!\s*[(:])|\b(?:as|satisfies|extends|keyof)\s+any\b|\bany\[\]/g
  return [...bare.matchAll(ANY)].map((match) => ({
    file,
    line: lineOf(bare, match.index),
    rule: 'uses the type any',
    fix: 'use unknown and narrow it, or name the type',
  }))
}

function checkLeftovers(file: string, source: string): Finding[] {
  // Written in halves, so that this file does not find itself.
  const LEFTOVER = new RegExp(`\\b(?:${'TO'}${'DO'}|${'FIX'}${'ME'}|X${'X'}X)\\b`, 'g')
  return [...source.matchAll(LEFTOVER)].map((match) => ({
    file,
    line: lineOf(source, match.index),
    rule: `holds ${match[0]}`,
    fix: 'do it now, or file it where work is planned',
  }))
}
