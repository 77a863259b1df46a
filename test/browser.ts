import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'

const PLACES = ['/usr/bin/chromium', '/usr/bin/google-chrome']
const ARGS = [
  ...['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync'],
]

/** For a machine with much else to do. */
const PATIENCE_MS = 60_000

/** Chromium on this machine: where CHROME_PATH says, or where distributions put it. */
export function chromiumPath(): string | undefined {
  const named = process.env['CHROME_PATH']
  const places = named === undefined || named === '' ? PLACES : [named]
  return places.find((place) => existsSync(place))
}

/** Why tests of pages are skipped; undefined where a browser is there. */
export function noBrowser(): string | undefined {
  if (chromiumPath() !== undefined) return undefined
  return 'Chromium is not installed: apt-get install chromium, or set CHROME_PATH'
}

/** Launched once a test file, in `before`; the file closes it in `after`. */
export function launch(): Promise<Browser> {
  const executablePath = chromiumPath()
  if (executablePath === undefined) throw new Error(noBrowser())
  return chromium.launch({ executablePath, args: ARGS })
}

export interface View {
  readonly width?: number
  readonly height?: number
  readonly scheme?: 'light' | 'dark'
  readonly javaScript?: boolean
}

/** A page, and whatever it did that a page of ours must not do. */
export interface Watched {
  readonly page: Page
  /** Errors and warnings of the console, CSP violations among them, and what was thrown. */
  readonly complaints: string[]
  /** What it asked of another origin; each such request failed. */
  readonly foreign: string[]
  close(): Promise<void>
}

/** Opens an empty page with a profile of its own, from which only `origin` can be reached. */
export async function watch(browser: Browser, origin: string, view: View = {}): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width: view.width ?? 1280, height: view.height ?? 900 },
    colorScheme: view.scheme ?? 'light',
    javaScriptEnabled: view.javaScript ?? true,
    serviceWorkers: 'block',
  })
  const complaints: string[] = []
  const foreign: string[] = []
  await context.route('**', (route) => {
    const url = new URL(route.request().url())
    const isOurs = url.origin === origin || url.protocol === 'data:' || url.protocol === 'blob:'
    if (isOurs) return route.continue()
    foreign.push(url.href)
    return route.abort()
  })
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE_MS)
  page.on('console', (said) => {
    const isBad = said.type() === 'error' || said.type() === 'warning'
    if (isBad) complaints.push(`console ${said.type()}: ${said.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`))
  if (view.javaScript !== false) {
    // Not every violation reaches the console; all of them reach the document.
    await page.exposeFunction('tellViolation', (text: string) => complaints.push(text))
    await page.addInitScript(TELL_VIOLATIONS)
  }
  return { page, complaints, foreign, close: () => context.close() }
}

const TELL_VIOLATIONS = `document.addEventListener('securitypolicyviolation', (event) => {
  tellViolation('CSP ' + event.violatedDirective + ' refused ' + event.blockedURI)
})`
