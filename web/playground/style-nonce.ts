/**
 * Gives the page's nonce to every <style> element that a script makes, so that the page needs no 'unsafe-inline' for style sheets.
 * Monaco and the dialogs write their themes into such elements and have no setting for a nonce. Import this before them.
 */
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce
const createElement = document.createElement.bind(document)

document.createElement = (name: string, options?: ElementCreationOptions) => {
  const element = createElement(name, options)
  if (nonce && element instanceof HTMLStyleElement) element.nonce = nonce
  return element
}

export {}
