import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { runChild } from '../child.js'
import { buildFolder, packageFolder } from '../scratch.js'

/** What of a package.json is read here. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly bin: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, string | { types: string; default: string }>>
}

export interface Packed {
  /** A folder outside of the package: nothing in it finds the package's own modules. */
  readonly folder: string
  readonly tarball: string
  readonly manifest: Manifest
  /** Paths in the tarball. */
  readonly paths: readonly string[]
  readonly sizeBytes: number
  readonly unpackedBytes: number
  text(path: string): string
  remove(): void
}

/** Where they are, they must not be packed. */
const DECOYS = [
  '.npmrc',
  'bench/a.bench.ts',
  'biome.json',
  'dist/.tsbuildinfo',
  'dist/bench/a.bench.js',
  'dist/test/a.test.js',
  'package-lock.json',
  'src/index.ts',
  'test/a.test.ts',
  'tsconfig.json',
]

/** Packs what this build would publish, in a folder of its own: the build itself is left alone. */
export async function pack(): Promise<Packed> {
  const folder = mkdtempSync(join(tmpdir(), 'annulus-package-'))
  const stage = join(folder, 'stage')
  for (const path of DECOYS) {
    mkdirSync(dirname(join(stage, path)), { recursive: true })
    writeFileSync(join(stage, path), '')
  }
  cpSync(join(buildFolder, 'src'), join(stage, 'dist/src'), { recursive: true })
  for (const path of ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'docs']) {
    cpSync(join(packageFolder, path), join(stage, path), { recursive: true })
  }
  await succeed(process.execPath, [join(packageFolder, '.ci/strip-maps.mjs'), stage], folder)
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder, '--silent']
  const [report] = JSON.parse(await succeed('npm', args, stage)) as [Report]
  return {
    folder,
    tarball: join(folder, report.filename),
    manifest: JSON.parse(readFileSync(join(stage, 'package.json'), 'utf8')) as Manifest,
    paths: report.files.map(({ path }) => path),
    sizeBytes: report.size,
    unpackedBytes: report.unpackedSize,
    text: (path) => readFileSync(join(stage, path), 'utf8'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

interface Report {
  readonly filename: string
  readonly size: number
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string }[]
}

/** What the command prints; throws where it fails. */
export async function succeed(command: string, args: string[], cwd: string): Promise<string> {
  const { code, output } = await runChild(command, args, { cwd, timeoutMs: 60_000 })
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} exited with ${code}:\n${output}`)
  return output
}
