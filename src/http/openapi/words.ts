/** What is true of every call. `open`: paths that need no credential. */
export function about(endpointTemplate: string, open: readonly string[]): string {
  const paths = open.map((path) => `\`${path}\``)
  return `A cache served from a ring of nodes. An **account** owns **buckets**, a bucket holds
**keys**; a **node** is a member of the ring.

\`Authorization: Bearer <credentialKey>\` goes with every call but ${paths.join(', ')}. A missing
or unknown credential is 401; a known one that may not do this is 403, whether or not the bucket exists.

**Durations** are a whole number with a unit (\`250ms\`, \`30s\`, \`5m\`, \`2h\`, \`7d\`) or a bare number
of milliseconds, from 1 ms to 365 days. **Sizes** are a whole number with a unit (\`64kb\`, \`256mb\`,
\`2gb\`; powers of 1024) or a bare number of bytes. Every id is a string. A query parameter, or a member
of a JSON body, that a call does not know is refused.

**Path style** is \`/v1/buckets/{id}/keys/{key}\`. **Host style** is \`/v1/keys/{key}\` at the bucket's
own endpoint, here \`${endpointTemplate}\`: the same calls, the same answers.

Errors are \`application/problem+json\` (RFC 9457) with a stable \`code\`; \`detail\` says how to mend
what was wrong. Any path that is not below is 404 \`not_found\`; a method that a path does not know is
405 \`method_not_allowed\`, with \`Allow\`. 503 carries \`Retry-After\`, and for a write \`maybeStored\`
says whether it may have been stored. Each GET answers HEAD as well, and each path OPTIONS, with 204 and
\`Allow\`.`
}
