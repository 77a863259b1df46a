import { Memory } from '../../src/store/layout.js'

/** The writer's death in these tests. */
export class Death extends Error {}

const BULK = new Set<unknown>(['set', 'fill', 'copyWithin'])
const ATOMIC = ['load', 'store', 'add', 'exchange', 'compareExchange', 'notify'] as const

/** Views that count the stores made through them, and throw Death instead of number `dieAt`. */
export class Limit {
  count = 0
  private readonly dieAt: number
  private readonly originals = new Map<unknown, object>()

  constructor(dieAt: number) {
    this.dieAt = dieAt
  }

  /** Replaces all views that `part` has: whoever takes them from it is mortal. */
  wrapViews<T extends object>(part: T): T {
    for (const [name, value] of Object.entries(part)) {
      if (ArrayBuffer.isView(value)) {
        Object.defineProperty(part, name, { value: this.wrap(value) })
      }
    }
    return part
  }

  /** Runs `life` to its end or to the death within. Returns whether it died. */
  run(life: () => void): boolean {
    const restore = this.wrapAtomics()
    try {
      life()
      return false
    } catch (error) {
      if (!(error instanceof Death)) {
        throw error
      }
      return true
    } finally {
      restore()
    }
  }

  /** A bulk copy counts twice: at its begin and at its end. */
  private wrap(view: object): object {
    const methods = new Map<unknown, unknown>()
    const proxy = new Proxy(view, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value !== 'function') {
          return value
        }
        const method = methods.get(name) ?? this.method(target, name, value)
        methods.set(name, method)
        return method
      },
      set: (target, name, value) => {
        this.tick()
        return Reflect.set(target, name, value, target)
      },
    })
    this.originals.set(proxy, view)
    return proxy
  }

  private method(target: object, name: unknown, method: object): unknown {
    return (...args: unknown[]) => {
      if (BULK.has(name)) this.tick()
      const result: unknown = Reflect.apply(method as () => unknown, target, args)
      if (BULK.has(name)) this.tick()
      return result
    }
  }

  /** Atomics take no proxies: until the result is called they are handed the views themselves. */
  private wrapAtomics(): () => void {
    const before = ATOMIC.map((name) => Atomics[name])
    for (const [i, name] of ATOMIC.entries()) {
      const wrapped = (view: unknown, ...args: unknown[]) => {
        const original = this.originals.get(view)
        if (name !== 'load' && original !== undefined) this.tick()
        return Reflect.apply(before[i], Atomics, [original ?? view, ...args])
      }
      Reflect.set(Atomics, name, wrapped)
    }
    return () => {
      for (const [i, name] of ATOMIC.entries()) Reflect.set(Atomics, name, before[i])
    }
  }

  private tick(): void {
    if (this.count + 1 === this.dieAt) {
      throw new Death()
    }
    this.count++
  }
}

export function copyBuffer(buffer: SharedArrayBuffer): SharedArrayBuffer {
  const copy = new SharedArrayBuffer(buffer.byteLength)
  new Uint8Array(copy).set(new Uint8Array(buffer))
  return copy
}

/** A copy of a store's memory, as a fresh thread finds it. */
export function copyOf(memory: Memory): Memory {
  return Memory.attach(copyBuffer(memory.buffer))
}
