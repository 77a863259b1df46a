import type { View } from '../live/board.js'
import { clock } from '../numbers.js'

const SHOWN = 60

/** What happened lately, newest first. */
export function EventLog({ view }: { readonly view: View }) {
  return (
    <section class="panel log" aria-labelledby="log-title">
      <h2 id="log-title">Events</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard. */}
      <section class="scroll" tabIndex={0} aria-label="Events, newest first">
        <ol reversed>
          {view.news.slice(0, SHOWN).map(({ number, atMs, tone, text }) => (
            <li key={number} class={tone}>
              <time class="number">{clock(atMs)}</time>
              <span>{text}</span>
            </li>
          ))}
        </ol>
      </section>
    </section>
  )
}
