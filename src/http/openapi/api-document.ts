import { createHash } from 'node:crypto'
import { packageVersion } from '../../version.js'
import type { HomeCall } from '../call.js'

/** The document as it is sent. */
export interface KeptDocument {
  readonly bytes: Buffer
  readonly etag: string
}

/** The OpenAPI document of one server: made when it is first asked for, and kept. */
export class ApiDocument {
  private readonly calls: readonly HomeCall[]
  private readonly endpointTemplate: string
  private kept: Promise<KeptDocument> | undefined = undefined

  /** `endpointTemplate`: where a bucket is found from outside, with `{id}` in it. */
  constructor(calls: readonly HomeCall[], endpointTemplate: string) {
    this.calls = calls
    this.endpointTemplate = endpointTemplate
  }

  get(): Promise<KeptDocument> {
    if (this.kept !== undefined) return this.kept
    const made = this.make()
    this.kept = made
    made.catch(() => {
      this.kept = undefined // the next one tries again
    })
    return made
  }

  private async make(): Promise<KeptDocument> {
    const { calls, endpointTemplate } = this
    // Loaded only now: most servers are never asked.
    const { describeApi } = await import('./document.js')
    const document = describeApi(calls, { version: packageVersion(), endpointTemplate })
    const bytes = Buffer.from(JSON.stringify(document))
    return { bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url')}"` }
  }
}
