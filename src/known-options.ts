import { CacheError } from './errors.js'

/** Every option's name; `satisfies Names<Options>` has the compiler say which one is missing. */
export type Names<T> = Readonly<Record<keyof T, true>>

/** A name that is misspelled would go unnoticed, and with it what it asks for. Throws invalid_option. */
export function checkKnown(options: object, known: Readonly<Record<string, true>>): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name))
  if (unknown !== undefined) {
    const names = Object.keys(known).join(', ')
    throw new CacheError('invalid_option', `${unknown}: there is no such option, only ${names}`)
  }
}
