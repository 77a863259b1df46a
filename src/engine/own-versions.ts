import { VERSION_RANGE } from '../node/execute.js'

/** Versions that the engine itself gives, to writes with copies; see docs/decisions/0005-versions.md. */
export class OwnVersions {
  private readonly grant: () => Promise<number>
  private version = 0
  private end = 0
  private reserve = 0
  private granting: Promise<void> | undefined

  constructor(grant: () => Promise<number>) {
    this.grant = grant
  }

  get isInUse(): boolean {
    return this.end > 0
  }

  /** 0 where none is left. */
  next(): number {
    if (this.version === this.end && this.reserve > 0) {
      this.version = this.reserve
      this.end = this.reserve + VERSION_RANGE
      this.reserve = 0
    }
    return this.version < this.end ? this.version++ : 0
  }

  /** Takes ranges until one is begun and one in reserve. */
  topUp(): Promise<void> {
    this.granting ??= this.take().finally(() => {
      this.granting = undefined
    })
    return this.granting
  }

  private async take(): Promise<void> {
    if (this.version === this.end) {
      this.next()
    }
    if (this.version === this.end) {
      this.version = (await this.grant()) * VERSION_RANGE
      this.end = this.version + VERSION_RANGE
    }
    if (this.reserve === 0) {
      this.reserve = (await this.grant()) * VERSION_RANGE
    }
  }
}
