import fc from 'fast-check'

/** Numbers pick among what there is, modulo how many there are. */
export type ClientStep =
  | { readonly do: 'get' | 'delete'; readonly key: number; readonly when: WhenStep }
  | { readonly do: 'put'; readonly key: number; readonly when: WhenStep; readonly ttl: number }
  | { readonly do: 'touch'; readonly key: number; readonly ttl: number }
  | { readonly do: 'putMany' | 'deleteMany'; readonly keys: readonly number[] }
  | { readonly do: 'list' }

export type WhenStep = 'any' | 'absent' | 'present' | 'version'

export type AdminStep =
  | { readonly do: 'flush' | 'tick' | 'fullDisk' }
  /** `isBack`: under a name that was there before. */
  | { readonly do: 'join'; readonly isBack: boolean; readonly weight: number }
  | { readonly do: 'leave' | 'fail' | 'cancel'; readonly which: number }
  /** The writer is dead for so many turns. */
  | { readonly do: 'die'; readonly which: number; readonly turns: number }
  /** For so many turns the node's queue takes no more than `room` orders. */
  | {
      readonly do: 'crowd'
      readonly which: number
      readonly turns: number
      readonly room: number
    }
  | { readonly do: 'time'; readonly ms: number }
  | { readonly do: 'replicas'; readonly count: number }
  | { readonly do: 'tier'; readonly tier: 'standard' | 'economy' }

export interface Script {
  readonly seed: number
  readonly nodes: number
  readonly replicas: number
  readonly tier: 'standard' | 'economy'
  readonly clients: readonly (readonly ClientStep[])[]
  readonly admin: readonly AdminStep[]
}

/** Few keys, so that they meet; enough that some are in an arc that moves. */
export const KEYS = ['k0', 'k1', 'k2', 'k3', 'k4', 'k5']

const key = fc.nat(KEYS.length - 1)
const which = fc.nat(5)
const when = fc.constantFrom<WhenStep>('any', 'any', 'any', 'absent', 'present', 'version')
const ttl = fc.constantFrom(0, 0, 0, 10, 100)

const clientStep: fc.Arbitrary<ClientStep> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('put' as const), key, when, ttl }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('get' as const), key, when }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), key, when }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('touch' as const), key, ttl }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('putMany' as const, 'deleteMany' as const),
      keys: fc.uniqueArray(key, { minLength: 1 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('list' as const) }) },
)

const change: fc.Arbitrary<AdminStep> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('join' as const),
      isBack: fc.boolean(),
      weight: fc.constantFrom(1, 1, 2),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('leave' as const), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('die' as const), which, turns: which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('flush' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('time' as const), ms: fc.constantFrom(1, 9, 99) }),
  },
)

const bucketChange: fc.Arbitrary<AdminStep> = fc.oneof(
  fc.record({ do: fc.constant('replicas' as const), count: fc.nat(2) }),
  fc.record({
    do: fc.constant('tier' as const),
    tier: fc.constantFrom('standard' as const, 'economy' as const),
  }),
)

const trouble: fc.Arbitrary<AdminStep> = fc.oneof(
  fc.record({ do: fc.constant('fullDisk' as const) }),
  fc.record({ do: fc.constant('crowd' as const), which, turns: fc.nat(20), room: fc.nat(2) }),
)

const loss: fc.Arbitrary<AdminStep> = fc.record({ do: fc.constant('fail' as const), which })

/**
 * `bad`: hosts go bad as well; `patched`: replicas and tier change on the way; `short`: the disk and the
 * nodes' queues are full at times.
 */
export function scripts(options: {
  readonly bad?: boolean
  readonly patched?: boolean
  readonly short?: boolean
  readonly replicas: fc.Arbitrary<number>
  readonly tier?: 'economy'
}): fc.Arbitrary<Script> {
  const admin: { weight: number; arbitrary: fc.Arbitrary<AdminStep> }[] = [
    { weight: 12, arbitrary: change },
  ]
  if (options.bad === true) admin.push({ weight: 4, arbitrary: loss })
  if (options.patched === true) admin.push({ weight: 4, arbitrary: bucketChange })
  if (options.short === true) admin.push({ weight: 8, arbitrary: trouble })
  return fc.record({
    seed: fc.nat(),
    nodes: fc.integer({ min: 1, max: 3 }),
    replicas: options.replicas,
    tier: fc.constant(options.tier ?? ('standard' as const)),
    clients: fc.array(fc.array(clientStep, { maxLength: 8 }), { minLength: 1, maxLength: 3 }),
    admin: fc.array(fc.oneof(...admin), { minLength: 1, maxLength: 6 }),
  })
}
