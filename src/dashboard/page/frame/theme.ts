import { useEffect, useState } from 'preact/hooks'
import type { Scheme } from '../ring/colours.js'

/** As the system has it, or as somebody chose here. */
export type Theme = 'auto' | Scheme

const NAME = 'annulus.theme'
const DARK = '(prefers-color-scheme: dark)'
const NEXT: Readonly<Record<Theme, Theme>> = { auto: 'dark', dark: 'light', light: 'auto' }

export interface ThemeChoice {
  readonly theme: Theme
  readonly scheme: Scheme
  turn(): void
}

/** The one thing that this page keeps in localStorage. */
export function useTheme(): ThemeChoice {
  const [theme, setTheme] = useState<Theme>(() => {
    const kept = localStorage.getItem(NAME)
    return kept === 'dark' || kept === 'light' ? kept : 'auto'
  })
  const [isSystemDark, setSystemDark] = useState(() => matchMedia(DARK).matches)
  useEffect(() => {
    const query = matchMedia(DARK)
    const look = () => setSystemDark(query.matches)
    query.addEventListener('change', look)
    return () => query.removeEventListener('change', look)
  }, [])
  useEffect(() => {
    if (theme === 'auto') {
      delete document.documentElement.dataset['theme']
      localStorage.removeItem(NAME)
    } else {
      document.documentElement.dataset['theme'] = theme
      localStorage.setItem(NAME, theme)
    }
  }, [theme])
  const system = isSystemDark ? 'dark' : 'light'
  return {
    theme,
    scheme: theme === 'auto' ? system : theme,
    turn: () => setTheme(NEXT[theme]),
  }
}
