import type { Link, View } from '../live/board.js'
import { clock, counted, duration, NONE } from '../numbers.js'
import { Brand } from './brand.js'
import type { Theme, ThemeChoice } from './theme.js'

interface Props {
  readonly view: View
  readonly nowMs: number
  readonly theme: ThemeChoice
  onRetry(): void
  onSignOut(): void
}

/** Figures come every second: after so long without, something is wrong. */
export const STALE_MS = 4_000

const THEMES: Readonly<Record<Theme, { sign: string; name: string }>> = {
  auto: { sign: '◐', name: 'as the system' },
  dark: { sign: '●', name: 'dark' },
  light: { sign: '○', name: 'light' },
}

export function Header({ view, nowMs, theme, onRetry, onSignOut }: Props) {
  const { ring } = view
  const { sign, name } = THEMES[theme.theme]
  return (
    <header class="top">
      <Brand />
      <p class="where">{location.host}</p>
      <LinkState view={view} nowMs={nowMs} />
      {view.link.state === 'lost' && (
        <button type="button" class="small" onClick={onRetry}>
          Try now
        </button>
      )}
      <p class="epoch">
        epoch <b class="number">{ring?.epoch ?? NONE}</b>
        <span class="muted wide-only">
          {ring === undefined ? '' : ` · ${counted(ring.tokens, 'token')}`}
        </span>
      </p>
      <p class="number clock wide-only">{clock(nowMs)}</p>
      <nav aria-label="Page">
        <a class="button plain" href="/docs">
          API
        </a>
        <button
          type="button"
          class="plain theme"
          onClick={theme.turn}
          title={`Colours: ${name}`}
          aria-label={`Colours: ${name}. Change`}
        >
          {sign}
        </button>
        <button type="button" class="plain" onClick={onSignOut}>
          Sign out
        </button>
      </nav>
    </header>
  )
}

function LinkState({ view, nowMs }: Pick<Props, 'view' | 'nowMs'>) {
  const { tone, text } = linkText(view.link, view, nowMs)
  return (
    <p class={`pill ${tone}`} role="status" data-link={view.link.state}>
      <i aria-hidden="true" />
      {text}
    </p>
  )
}

function linkText(link: Link, view: View, nowMs: number): { tone: string; text: string } {
  switch (link.state) {
    case 'connecting':
      return { tone: 'warn', text: 'connecting' }
    case 'refused':
      return { tone: 'bad', text: 'signed out' }
    case 'lost': {
      const left = Math.max(0, link.retryAtMs - nowMs)
      const next =
        left > 500 ? `next try in ${duration(Math.ceil(left / 1_000) * 1_000)}` : 'trying'
      return { tone: 'bad', text: `disconnected, ${next}` }
    }
    case 'live': {
      if (view.figures === undefined) return { tone: 'warn', text: 'no live figures yet' }
      const age = nowMs - view.figuresAtMs
      if (age < STALE_MS) return { tone: 'good', text: 'live' }
      return { tone: 'warn', text: `figures ${duration(age)} old` }
    }
  }
}
