import { render } from 'preact'
import { useState } from 'preact/hooks'
import { AnnulusClient } from '../../client/index.js'
import { Dashboard } from './dashboard.js'
import { forgetCredential, keepCredential, keptCredential } from './frame/session.js'
import { SignIn } from './frame/sign-in.js'
import { useTheme } from './frame/theme.js'

function App() {
  const theme = useTheme()
  const [why, setWhy] = useState<string>()
  const [client, setClient] = useState(() => {
    const key = keptCredential(sessionStorage)
    return key === undefined ? undefined : new AnnulusClient({ url: location.origin, key })
  })
  const signOut = (reason?: string) => {
    forgetCredential(sessionStorage)
    setWhy(reason)
    setClient(undefined)
  }
  if (client !== undefined) return <Dashboard client={client} theme={theme} onSignOut={signOut} />
  return (
    <SignIn
      why={why}
      onSignIn={(signedIn, credential, isKept) => {
        if (isKept) keepCredential(sessionStorage, credential)
        setWhy(undefined)
        setClient(signedIn)
      }}
    />
  )
}

const place = document.getElementById('app')
if (place !== null) render(<App />, place)
