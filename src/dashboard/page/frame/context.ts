import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { AnnulusClient } from '../../../client/index.js'
import type { Board } from '../live/board.js'
import type { Scheme } from '../ring/colours.js'

/** What every part of the page may need. */
export interface Page {
  readonly client: AnnulusClient
  readonly board: Board
  readonly scheme: Scheme
  /** A node's colour in this scheme. */
  colour(node: string): string
  /** Says something to whoever cannot see it happen. */
  announce(text: string): void
}

export const PageContext = createContext<Page | undefined>(undefined)

export function usePage(): Page {
  const page = useContext(PageContext)
  if (page === undefined) throw new Error('there is no page around this part')
  return page
}
