// A byte order mark at the start is part of the value.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** The text whose UTF-8 was stored. */
export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}
