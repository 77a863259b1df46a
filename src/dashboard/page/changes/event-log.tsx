import type { View } from '../live/board.js'
import { clock } from '../numbers.js'

const SHOWN = 60

/** What happened lately, newest first. */
export function EventLog({ view }: { readonly view: View }) {
  return (
    <section class="panel log" aria-labelledby="log-title">
      <h2 id="log-title">Events</h2>
      <div class="scroll" tabIndex={0} role="region" aria-labelledby="log-title">
        <ol reversed>
          {view.news.slice(0, SHOWN).map(({ number, atMs, tone, text }) => (
            <li key={number} class={tone}>
              <time class="number">{clock(atMs)}</time>
              <span>{text}</span>
            </li>
          ))}
        </ol>
      </div>
    </section>
  )
}
