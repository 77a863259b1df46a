import { Chance } from '../store/chance.js'
import type { Answer, Client, Question } from './clients.js'
import type { Part, Recorder } from './recorder.js'
import type { Asked, Told } from './register.js'

/** A bucket under test and its keys. */
export interface Ground {
  readonly name: string
  readonly path: string
  readonly keys: readonly string[]
}

const JSON_TYPE = { 'Content-Type': 'application/json' }
const LONG = '?ttl=1h'
const MOST_BYTES = 6_000

/** How often which call is made; the sum does not matter. */
const MIX: readonly (readonly [kind: Kind, weight: number])[] = [
  ['get', 300],
  ['head', 30],
  ['getIfChanged', 30],
  ['put', 200],
  ['putNew', 70],
  ['putIfMatch', 110],
  ['delete', 80],
  ['deleteIfMatch', 20],
  ['touch', 40],
  ['batchGet', 30],
  ['batchPut', 30],
  ['batchDelete', 12],
  ['flush', 2],
]
type Kind = keyof Caller['calls']
const KINDS: readonly Kind[] = MIX.flatMap(([kind, weight]) =>
  Array.from({ length: weight / 2 }, () => kind),
)

interface Plan {
  readonly question: Question
  readonly parts: readonly Part[]
  readonly read: (answer: Answer, part: number) => Told
}

/** One client that makes random calls on a few keys, and takes them down. */
export class Caller {
  private readonly client: Client
  private readonly number: number
  private readonly recorder: Recorder
  private readonly grounds: readonly Ground[]
  private readonly chance: Chance
  /** The last ETag that any client saw of each key, so that conditions are met now and then. */
  private readonly etags: Map<string, string>
  private readonly flushes: boolean
  private puts = 0

  constructor(
    client: Client,
    number: number,
    seed: number,
    recorder: Recorder,
    grounds: readonly Ground[],
    etags: Map<string, string>,
    flushes = true,
  ) {
    this.client = client
    this.number = number
    this.recorder = recorder
    this.grounds = grounds
    this.chance = new Chance(seed * 1_009 + number)
    this.etags = etags
    this.flushes = flushes
  }

  async call(): Promise<void> {
    const ground = this.chance.pick(this.grounds)
    const kind = this.chance.pick(KINDS)
    const plan = this.calls[kind === 'flush' && !this.flushes ? 'get' : kind](ground)
    const called = this.recorder.called()
    const answer = await this.client.ask(plan.question)
    this.recorder.returned(this.number, called, plan.parts, answer, plan.read)
    const [{ key }] = plan.parts
    if (answer !== 'lost' && answer.etag !== undefined) this.etags.set(key, answer.etag)
  }

  private readonly calls = {
    get: (ground: Ground) => this.single(ground, 'GET', { kind: 'get' }),
    head: (ground: Ground) => this.single(ground, 'HEAD', { kind: 'head' }),
    getIfChanged: (ground: Ground) => this.single(ground, 'GET', { kind: 'get' }, 'ifNoneMatch'),
    put: (ground: Ground) => this.single(ground, 'PUT', this.aPut()),
    putNew: (ground: Ground) => this.single(ground, 'PUT', { ...this.aPut(), ifNoneMatch: '*' }),
    putIfMatch: (ground: Ground) => this.single(ground, 'PUT', this.aPut(), 'ifMatch'),
    delete: (ground: Ground) => this.single(ground, 'DELETE', { kind: 'delete' }),
    deleteIfMatch: (ground: Ground) => this.single(ground, 'DELETE', { kind: 'delete' }, 'ifMatch'),
    touch: (ground: Ground) => this.single(ground, 'PATCH', { kind: 'touch' }),
    batchGet: (ground: Ground) => this.batchGet(ground),
    batchPut: (ground: Ground) => this.batchPut(ground),
    batchDelete: (ground: Ground) => this.batchDelete(ground),
    flush: (ground: Ground) => this.flush(ground),
  }

  /** One key; with a condition on the ETag seen last, where one was. */
  private single(
    ground: Ground,
    method: string,
    asked: Asked,
    condition?: 'ifMatch' | 'ifNoneMatch',
  ): Plan {
    const name = this.keyOf(ground)
    const key = `${ground.name}: ${name}`
    const etag = this.chance.once(10) && condition === 'ifMatch' ? '*' : this.etags.get(key)
    const input = condition === undefined ? asked : { ...asked, [condition]: etag }
    const headers: Record<string, string> = {}
    if (input.ifMatch !== undefined) headers['If-Match'] = input.ifMatch
    if (input.ifNoneMatch !== undefined) headers['If-None-Match'] = input.ifNoneMatch
    const body = input.value === undefined ? {} : { body: bodyOf(input.value) }
    const query = asked.kind === 'touch' ? LONG : ''
    return {
      question: { method, path: `${ground.path}/keys/${name}${query}`, headers, ...body },
      parts: [{ key, input }],
      read: ({ status, etag: told, text }) => {
        const value = status === 200 && asked.kind === 'get' ? nameOf(text) : undefined
        return { status, etag: told, value, code: codeIn(status, text) }
      },
    }
  }

  private batchGet(ground: Ground): Plan {
    return this.batch(
      ground,
      'get',
      () => ({ kind: 'get' }),
      (keys) => ({ keys }),
      {
        list: 'values',
        told: (value) => {
          return typeof value === 'string' ? { status: 200, value: nameOf(value) } : { status: 404 }
        },
      },
    )
  }

  private batchPut(ground: Ground): Plan {
    const body = (keys: readonly string[], parts: readonly Part[]) => {
      return { keys, values: parts.map(({ input }) => bodyOf(input.value ?? '')) }
    }
    return this.batch(ground, 'put', () => this.aPut(), body, {
      list: 'stored',
      told: (stored) => ({ status: stored === true ? 200 : 0 }),
    })
  }

  private batchDelete(ground: Ground): Plan {
    return this.batch(
      ground,
      'delete',
      () => ({ kind: 'delete' }),
      (keys) => ({ keys }),
      {
        list: 'deleted',
        told: (deleted) => ({ status: deleted === true ? 204 : 404 }),
      },
    )
  }

  private batch(
    ground: Ground,
    verb: string,
    ask: () => Asked,
    body: (keys: readonly string[], parts: readonly Part[]) => object,
    answer: { readonly list: string; readonly told: (item: unknown) => Told },
  ): Plan {
    const keys = [...new Set([this.keyOf(ground), this.keyOf(ground), this.keyOf(ground)])]
    const parts = keys.map((name) => ({ key: `${ground.name}: ${name}`, input: ask() }))
    const path = `${ground.path}/batch/${verb}`
    const text = JSON.stringify(body(keys, parts))
    return {
      question: { method: 'POST', path, headers: JSON_TYPE, body: text },
      parts,
      read: ({ status, text: told }, part) => {
        if (status !== 200) return { status, code: codeIn(status, told) }
        const list = (JSON.parse(told) as Record<string, unknown[]>)[answer.list]
        return answer.told(list[part])
      },
    }
  }

  private flush(ground: Ground): Plan {
    const parts = ground.keys.map((name): Part => {
      return { key: `${ground.name}: ${name}`, input: { kind: 'flush' } }
    })
    return {
      question: { method: 'POST', path: `${ground.path}/flush` },
      parts,
      read: ({ status, text }) => ({ status, code: codeIn(status, text) }),
    }
  }

  private aPut(): Asked {
    const bytes = this.chance.once(10) ? this.chance.below(MOST_BYTES) : this.chance.below(60)
    return { kind: 'put', value: `v${this.number}.${++this.puts}.${bytes}` }
  }

  /** The first keys of the list more often than the last. */
  private keyOf({ keys }: Ground): string {
    const { chance } = this
    return keys[Math.min(chance.below(keys.length), chance.below(keys.length))]
  }
}

/** What is sent for a value: its name, and filling of the length that the name says. */
function bodyOf(value: string): string {
  return `${value} ${'.'.repeat(Number(value.split('.')[2]))}`
}

/** The name of the value that this is, or the text itself where it is nobody's. */
function nameOf(text: string): string {
  const [value] = text.split(' ', 1)
  return bodyOf(value) === text ? value : text
}

function codeIn(status: number, text: string): string | undefined {
  return status < 400 ? undefined : /"code":"([a-z_]+)"/.exec(text)?.[1]
}
