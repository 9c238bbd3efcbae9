import { useState } from 'react'
import { ConfirmPage } from './confirm/confirm-page'
import { currentPlace, linkIn } from './place'
import { Portal } from './portal/portal'

export function App() {
  const [place, setPlace] = useState(currentPlace)

  /** On to the portal without loading the page anew, and on this host, whatever the server calls itself. Back does not lead to a used link. */
  function goOn(activationLink: string) {
    history.replaceState(null, '', new URL(activationLink).pathname)
    setPlace({ name: 'portal', link: linkIn(activationLink) })
  }

  return place.name === 'confirm' ? <ConfirmPage onGoOn={goOn} /> : <Portal link={place.link} />
}
