/** Where the visitor is: at a provider's activation link, or at the link of the mail that confirms an address. */
export type Place = { name: 'portal'; link: string } | { name: 'confirm' }

export function currentPlace(): Place {
  return location.pathname === '/activate/confirm' ? { name: 'confirm' } : { name: 'portal', link: linkIn(location.href) }
}

/** The key in the URL of an activation link; '' where there is none, or what cannot be one. */
export function linkIn(url: string): string {
  return /^\/activate\/([\w-]+)$/.exec(new URL(url).pathname)?.[1] ?? ''
}
