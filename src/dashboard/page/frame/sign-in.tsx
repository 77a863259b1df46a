import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { AnnulusClient, ClientError } from '../../../client/index.js'
import { Brand } from './brand.js'

interface Props {
  /** Why one has to sign in again. */
  readonly why: string | undefined
  onSignIn(client: AnnulusClient, credential: string, isKept: boolean): void
}

/** Asks for the root credential, and tries it before it goes on. */
export function SignIn({ why, onSignIn }: Props) {
  const input = useRef<HTMLInputElement>(null)
  const keep = useRef<HTMLInputElement>(null)
  const [problem, setProblem] = useState(why)
  const [isTrying, setTrying] = useState(false)
  // Before the first paint: whoever sees the page may type.
  useLayoutEffect(() => input.current?.focus(), [])

  const submit = async (event: Event) => {
    event.preventDefault()
    const credential = input.current?.value.trim() ?? ''
    if (credential === '' || isTrying) {
      setProblem('Give the root credential.')
      input.current?.focus()
      return
    }
    setTrying(true)
    setProblem(undefined)
    try {
      const client = new AnnulusClient({ url: location.origin, key: credential })
      await client.ring()
      onSignIn(client, credential, keep.current?.checked === true)
    } catch (error) {
      setProblem(whyNot(error))
      setTrying(false)
      input.current?.select()
    }
  }

  return (
    <main class="sign-in">
      <form class="card" onSubmit={submit} aria-describedby="sign-in-problem">
        <Brand />
        <p class="muted">The ring of {location.host}, live.</p>
        {/* Password managers store a pair. */}
        <input
          class="unseen"
          type="text"
          autocomplete="username"
          value="root"
          readOnly
          tabIndex={-1}
          aria-hidden="true"
        />
        <label class="field">
          <span>Root credential</span>
          <input
            ref={input}
            type="password"
            autocomplete="current-password"
            spellcheck={false}
            aria-invalid={problem !== undefined}
          />
        </label>
        <label class="check">
          <input ref={keep} type="checkbox" />
          <span>Keep it in this tab until the tab is closed</span>
        </label>
        <p class="problem" id="sign-in-problem" role="alert">
          {problem}
        </p>
        <button class="primary" type="submit" aria-disabled={isTrying}>
          {isTrying ? 'Signing in…' : 'Sign in'}
        </button>
        <p class="fine">
          It stays in this page's memory, and goes to this server alone. <a href="/docs">API</a>
        </p>
      </form>
    </main>
  )
}

function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (!(error instanceof ClientError)) return error.message
  if (error.status === 401) return 'The server does not know this credential.'
  if (error.status === 403) return 'This credential is known, but it is not the root credential.'
  return error.message
}
