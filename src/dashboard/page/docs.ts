/** Starts Swagger UI, which stands beside this script as its makers built it. */

interface Options {
  readonly spec: object
  readonly domNode: Element
  readonly deepLinking: boolean
  readonly filter: boolean
  readonly persistAuthorization: boolean
  readonly validatorUrl: null
  readonly queryConfigEnabled: boolean
  readonly defaultModelsExpandDepth: number
  readonly docExpansion: 'list' | 'none'
  readonly displayRequestDuration: boolean
  readonly layout: string
}

declare const SwaggerUIBundle: (options: Options) => unknown

interface ApiDocument {
  readonly servers: readonly object[]
}

/** As the reader's system has it, and as it changes. */
function followScheme(): void {
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const apply = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
  dark.addEventListener('change', apply)
  apply()
}

async function start(place: Element): Promise<void> {
  const answer = await fetch('/openapi.json')
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`)
  const document: ApiDocument = await answer.json()
  SwaggerUIBundle({
    // What is tried from here goes to the server that the page came from.
    spec: { ...document, servers: document.servers.slice(0, 1) },
    domNode: place,
    deepLinking: true,
    filter: true,
    persistAuthorization: false,
    validatorUrl: null,
    queryConfigEnabled: false,
    defaultModelsExpandDepth: 0,
    docExpansion: 'list',
    displayRequestDuration: true,
    layout: 'BaseLayout',
  })
}

followScheme()
const place = document.getElementById('reference')
if (place !== null) {
  start(place).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error)
    place.textContent = `/openapi.json could not be shown: ${why}. Load the page again.`
  })
}
