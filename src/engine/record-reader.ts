import {
  type Account,
  type BucketRecord,
  type CatalogueRecord,
  type Credential,
  corrupt,
  type Installation,
  MAX_REPLICAS,
  type RingNode,
  type RingRecord,
  ROLES,
  recordKey,
  SECRET_BYTES,
  TIERS,
} from './records.js'

/** Stored JSON back into a typed record; every field is checked, unknown ones are dropped. */
export function readRecord(key: string, json: unknown): CatalogueRecord {
  const record = typed(key, json)
  if (recordKey(record) !== key)
    throw corrupt(`the record ${key} names itself ${recordKey(record)}`)
  return record
}

function typed(key: string, json: unknown): CatalogueRecord {
  const fields = new Fields(key, json)
  const type = key.split('/', 1)[0]
  switch (type) {
    case 'account':
      return { type, value: account(fields) }
    case 'bucket':
      return { type, value: bucket(fields) }
    case 'credential':
      return { type, value: credential(fields) }
    case 'ring':
      return { type, value: ring(fields) }
    case 'installation':
      return { type, value: installation(fields) }
    case 'grants':
      return { type, value: { granted: fields.integer('granted') } }
    default:
      throw corrupt(`no kind of record is called ${key}`)
  }
}

function account(fields: Fields): Account {
  return {
    id: fields.text('id'),
    name: fields.text('name'),
    createdMs: fields.number('createdMs'),
  }
}

function bucket(fields: Fields): BucketRecord {
  const defaultTtlMs = fields.has('defaultTtlMs') ? fields.integer('defaultTtlMs') : undefined
  const maxBytes = fields.has('maxBytes') ? fields.integer('maxBytes') : undefined
  return {
    id: fields.text('id'),
    accountId: fields.text('accountId'),
    name: fields.text('name'),
    slot: fields.integer('slot'),
    seed: fields.integer('seed', 0xffffffff),
    createdMs: fields.number('createdMs'),
    ...(defaultTtlMs === undefined ? {} : { defaultTtlMs }),
    ...(maxBytes === undefined ? {} : { maxBytes }),
    immutable: fields.flag('immutable'),
    tier: fields.oneOf('tier', TIERS),
    replicas: fields.integer('replicas', MAX_REPLICAS),
  }
}

function credential(fields: Fields): Credential {
  const base = {
    id: fields.text('id'),
    digest: fields.hex('digest', 32),
    createdMs: fields.number('createdMs'),
  }
  const kind = fields.oneOf('kind', ['root', 'account', 'bucket'] as const)
  if (kind === 'root') return { ...base, kind }
  const accountId = fields.text('accountId')
  if (kind === 'account') return { ...base, kind, accountId }
  return {
    ...base,
    kind,
    accountId,
    bucketId: fields.text('bucketId'),
    role: fields.oneOf('role', ROLES),
  }
}

function ring(fields: Fields): RingRecord {
  const nodes = fields.list('nodes').map((node): RingNode => {
    const member = new Fields('ring', node)
    return {
      id: member.text('id'),
      weight: member.number('weight'),
      memoryBytes: member.integer('memoryBytes'),
      ...(member.has('incarnation') ? { incarnation: member.integer('incarnation') } : {}),
    }
  })
  return {
    epoch: fields.integer('epoch'),
    virtualNodes: fields.integer('virtualNodes'),
    ...(fields.has('lastNode') ? { lastNode: fields.integer('lastNode') } : {}),
    nodes,
  }
}

function installation(fields: Fields): Installation {
  return { secret: fields.hex('secret', SECRET_BYTES), createdMs: fields.number('createdMs') }
}

class Fields {
  readonly #key: string
  readonly #values: ReadonlyMap<string, unknown>

  constructor(key: string, json: unknown) {
    if (typeof json !== 'object' || json === null) throw corrupt(`the record ${key} is no object`)
    this.#key = key
    this.#values = new Map(Object.entries(json))
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  text(name: string): string {
    const value = this.#values.get(name)
    return typeof value === 'string' && value.length > 0 ? value : this.#wrong(name)
  }

  hex(name: string, bytes: number): string {
    const value = this.text(name)
    return value.length === bytes * 2 && /^[0-9a-f]+$/.test(value) ? value : this.#wrong(name)
  }

  number(name: string): number {
    const value = this.#values.get(name)
    return typeof value === 'number' && Number.isFinite(value) && value >= 0
      ? value
      : this.#wrong(name)
  }

  integer(name: string, max = Number.MAX_SAFE_INTEGER): number {
    const value = this.number(name)
    return Number.isInteger(value) && value <= max ? value : this.#wrong(name)
  }

  flag(name: string): boolean {
    const value = this.#values.get(name)
    return typeof value === 'boolean' ? value : this.#wrong(name)
  }

  list(name: string): unknown[] {
    const value = this.#values.get(name)
    return Array.isArray(value) ? value : this.#wrong(name)
  }

  oneOf<T extends string>(name: string, choices: readonly T[]): T {
    const value = this.#values.get(name)
    return choices.find((choice) => choice === value) ?? this.#wrong(name)
  }

  #wrong(name: string): never {
    throw corrupt(`the record ${this.#key} has no valid ${name}`)
  }
}
