/** The bytes of a body, in a buffer of their own; `isWhole` is false where there are more than `most`. */
export async function bytesOf(
  body: ReadableStream<Uint8Array> | null,
  most: number,
): Promise<{ readonly bytes: Uint8Array; readonly isWhole: boolean }> {
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = body?.getReader()
  while (reader !== undefined && length <= most) {
    const { done, value } = await reader.read()
    if (done) break
    chunks.push(value)
    length += value.length
  }
  const isWhole = length <= most
  // What is left must not come; that it fails to stop changes nothing.
  if (!isWhole) reader?.cancel().catch(() => {})
  return { bytes: joined(chunks, Math.min(length, most)), isWhole }
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk.subarray(0, length - at), at)
    at += chunk.length
  }
  return bytes
}
