import { useMemo, useState } from 'preact/hooks'
import type { AnnulusClient } from '../../client/index.js'
import { BucketTable } from './buckets/bucket-table.js'
import { EventLog } from './changes/event-log.js'
import { Migrations } from './changes/migrations.js'
import { WholeCharts } from './charts/whole-charts.js'
import { type Page, PageContext } from './frame/context.js'
import { Header, STALE_MS } from './frame/header.js'
import type { ThemeChoice } from './frame/theme.js'
import { Tiles } from './frame/tiles.js'
import { useBoard } from './frame/use-board.js'
import { nodesOf } from './live/board.js'
import { AddDialog } from './nodes/add-dialog.js'
import { DrainDialog } from './nodes/drain-dialog.js'
import { FailDialog } from './nodes/fail-dialog.js'
import { NodeTable } from './nodes/node-table.js'
import { NodeColours } from './ring/colours.js'
import { KeyLookup } from './ring/key-lookup.js'
import type { Marker } from './ring/ring-figure.js'
import { RingPanel } from './ring/ring-panel.js'

interface Props {
  readonly client: AnnulusClient
  readonly theme: ThemeChoice
  /** With why, where the server refused the credential. */
  onSignOut(why?: string): void
}

type Open =
  | { readonly dialog: 'add' }
  | { readonly dialog: 'drain' | 'fail'; readonly node: string }

/** Everything there is to see once one is signed in. */
export function Dashboard({ client, theme, onSignOut }: Props) {
  const { board, view, nowMs, retry } = useBoard(client, onSignOut)
  const colours = useMemo(() => new NodeColours(), [])
  const [open, setOpen] = useState<Open>()
  const [marker, setMarker] = useState<Marker>()
  const [said, announce] = useState('')
  const { scheme } = theme
  const { ring, figures } = view
  const nodes = nodesOf(view)
  colours.see(nodes.map(({ id }) => id))
  const page: Page = useMemo(
    () => ({ client, board, scheme, announce, colour: (id) => colours.colour(id, scheme) }),
    [client, board, scheme],
  )
  const isStale = view.link.state !== 'live' || nowMs - view.figuresAtMs > STALE_MS
  const close = () => setOpen(undefined)
  const chosen = open !== undefined && 'node' in open ? open.node : undefined
  const node = nodes.find(({ id }) => id === chosen)

  return (
    <PageContext.Provider value={page}>
      <Header
        view={view}
        nowMs={nowMs}
        theme={theme}
        onRetry={retry}
        onSignOut={() => onSignOut()}
      />
      <main class="board">
        <Tiles view={view} isStale={isStale} />
        <div class="where-keys-stand">
          {' '}
          <RingPanel view={view} marker={marker} />
          <KeyLookup bucketCount={figures?.buckets.count} epoch={ring?.epoch} onFound={setMarker} />
        </div>{' '}
        <WholeCharts atMs={view.figuresAtMs} />
        <NodeTable
          view={view}
          isStale={isStale}
          onAdd={() => setOpen({ dialog: 'add' })}
          onDrain={(id) => setOpen({ dialog: 'drain', node: id })}
          onFail={(id) => setOpen({ dialog: 'fail', node: id })}
        />
        <BucketTable view={view} isStale={isStale} />
        <Migrations view={view} />
        <EventLog view={view} />
      </main>
      <p class="unseen" role="status">
        {said}
      </p>
      {ring !== undefined && open?.dialog === 'add' && <AddDialog ring={ring} onClose={close} />}
      {ring !== undefined && node !== undefined && open?.dialog === 'drain' && (
        <DrainDialog ring={ring} node={node.id} onClose={close} />
      )}
      {ring !== undefined && node !== undefined && open?.dialog === 'fail' && (
        <FailDialog ring={ring} node={node} onClose={close} />
      )}
    </PageContext.Provider>
  )
}
