/** The tabs of one browser tell each other when they have changed something. What has changed, each asks the server. */
const channel = new BroadcastChannel('activation')

export function tellOtherTabs(): void {
  channel.postMessage('changed')
}

/** @returns what ends it */
export function hearOtherTabs(onChange: () => void): () => void {
  channel.addEventListener('message', onChange)
  return () => channel.removeEventListener('message', onChange)
}
