import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { AnnulusClient } from '../../../client/index.js'
import { Board, type View } from '../live/board.js'
import { follow, type Pace } from '../live/follow.js'

/** Makes what is old look old, and counts down to the next attempt. */
const TICK_MS = 1_000

/** Follows the server for as long as the part that asks is there. */
export function useBoard(client: AnnulusClient, onRefused: (why: string) => void) {
  const board = useMemo(() => new Board(), [client])
  const [view, setView] = useState<View>(board.view)
  const [nowMs, setNow] = useState(() => Date.now())
  const wake = useRef<() => void>(() => {})

  useEffect(() => {
    const end = new AbortController()
    const unsubscribe = board.subscribe(() => {
      setView(board.view)
      const { link } = board.view
      if (link.state === 'refused') onRefused(link.why)
    })
    const pace: Pace = {
      now: () => Date.now(),
      chance: () => Math.random(),
      sleep: (ms, signal) => sleep(ms, signal, wake),
    }
    const retry = () => wake.current()
    addEventListener('online', retry)
    follow(client, board, end.signal, pace)
    return () => {
      end.abort()
      unsubscribe()
      removeEventListener('online', retry)
    }
  }, [client, board])

  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS)
    return () => clearInterval(timer)
  }, [])
  return { board, view, nowMs: Math.max(nowMs, view.figuresAtMs), retry: () => wake.current() }
}

function sleep(ms: number, signal: AbortSignal, wake: { current: () => void }): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      wake.current = () => {}
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
    wake.current = end
  })
}
