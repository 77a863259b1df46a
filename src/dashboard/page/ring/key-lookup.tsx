import { useEffect, useRef, useState } from 'preact/hooks'
import type { BucketDescription, EntryHead, Explanation } from '../../../client/index.js'
import { usePage } from '../frame/context.js'
import { bytes, duration, whole } from '../numbers.js'
import type { Marker } from './ring-figure.js'

const MAX_LISTED = 1_000
const MAX_SUCCESSORS = 6

interface Found {
  readonly bucket: string
  readonly placement: Explanation
  /** Undefined: there is no such key. */
  readonly stored: EntryHead | undefined
}

interface Props {
  /** Changes when buckets may have come or gone. */
  readonly bucketCount: number | undefined
  /** Of the ring: in another one the key may have another owner. */
  readonly epoch: number | undefined
  onFound(marker: Marker | undefined): void
}

/** Where a key stands, who has it, and whether it is there. */
export function KeyLookup({ bucketCount, epoch, onFound }: Props) {
  const { client, announce } = usePage()
  const [buckets, setBuckets] = useState<readonly BucketDescription[]>([])
  const [found, setFound] = useState<Found>()
  const [problem, setProblem] = useState<string>()
  const bucket = useRef<HTMLSelectElement>(null)
  const key = useRef<HTMLInputElement>(null)

  useEffect(() => {
    let isOver = false
    const list = async () => {
      const all = [...(await client.buckets())]
      all.sort((a, b) => a.name.localeCompare(b.name))
      if (!isOver) setBuckets(all.slice(0, MAX_LISTED))
    }
    list().catch(() => {})
    return () => {
      isOver = true
    }
  }, [client, bucketCount])

  const look = async (id: string, name: string) => {
    setProblem(undefined)
    try {
      const one = client.bucket(id)
      const [placement, stored] = await Promise.all([one.explain(name), one.head(name)])
      setFound({ bucket: id, placement, stored })
      onFound(markerOf(placement))
      const { owner } = placement
      announce(`${name} belongs to ${owner}${stored === undefined ? ', and is not there' : ''}`)
    } catch (error) {
      setFound(undefined)
      onFound(undefined)
      setProblem(error instanceof Error ? error.message : String(error))
    }
  }
  useEffect(() => {
    if (found !== undefined && epoch !== found.placement.epoch)
      look(found.bucket, found.placement.key)
  }, [epoch])

  const submit = (event: Event) => {
    event.preventDefault()
    look(bucket.current?.value ?? '', key.current?.value ?? '')
  }
  const clear = () => {
    setFound(undefined)
    setProblem(undefined)
    onFound(undefined)
    key.current?.focus()
  }

  // Buckets of several accounts may have one name.
  const names = buckets.map(({ name }) => name)
  const twice = new Set(names.filter((name, i) => names[i + 1] === name))

  return (
    <section class="panel lookup" aria-labelledby="lookup-title">
      <h2 id="lookup-title">Look a key up</h2>
      <form onSubmit={submit}>
        <label class="field">
          <span>Bucket</span>
          <select ref={bucket} disabled={buckets.length === 0}>
            {buckets.length === 0 && <option>There is no bucket yet</option>}
            {buckets.map(({ id, name }) => (
              <option key={id} value={id}>
                {twice.has(name) ? `${name} (${id})` : name}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>Key</span>
          <input ref={key} type="text" required spellcheck={false} autocomplete="off" />
        </label>
        <button type="submit" disabled={buckets.length === 0}>
          Look up
        </button>
      </form>
      {problem !== undefined && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {found !== undefined && <Placed found={found} onClear={clear} />}
    </section>
  )
}

function Placed({ found, onClear }: { readonly found: Found; onClear(): void }) {
  const { placement, stored } = found
  const { hash, angle, token, owner, successors } = placement
  return (
    <div class="found">
      <p class={stored === undefined ? 'verdict muted' : 'verdict good'}>
        {stored === undefined ? 'Not there: a get is a miss' : `There: ${described(stored)}`}
      </p>
      <dl>
        <dt>Owner</dt>
        <dd>
          <NodeName id={owner} />
        </dd>
        <dt>Then</dt>
        <dd>
          {successors.length === 0
            ? 'nobody: it is the only node'
            : successors.slice(0, MAX_SUCCESSORS).map((id) => <NodeName key={id} id={id} />)}
          {successors.length > MAX_SUCCESSORS && `and ${successors.length - MAX_SUCCESSORS} more`}
        </dd>
        <dt>Angle</dt>
        <dd class="number">{angle.toFixed(3)}°</dd>
        <dt>Hash</dt>
        <dd class="number">
          {whole(hash)} <span class="muted">0x{hash.toString(16).padStart(8, '0')}</span>
        </dd>
        <dt>Token</dt>
        <dd class="number">{whole(token)}</dd>
      </dl>
      <button type="button" class="small" onClick={onClear}>
        Clear
      </button>
    </div>
  )
}

export function NodeName({ id }: { readonly id: string }) {
  const { colour } = usePage()
  return (
    <span class="node-name">
      <i class="chip" style={{ background: colour(id) }} aria-hidden="true" />
      {id}
    </span>
  )
}

function described({ sizeBytes, contentType, ttlMs }: EntryHead): string {
  const left = ttlMs === undefined ? 'no TTL' : `${duration(ttlMs)} left`
  return [bytes(sizeBytes), contentType, left].filter((part) => part !== '').join(' · ')
}

function markerOf({ angle, owner }: Explanation): Marker {
  return { angle, owner }
}
