/** What the page speaks, each by its own name. */
export const LANGUAGES = { en: 'English', it: 'Italiano', de: 'Deutsch', fr: 'Français', es: 'Español' }

export type Language = keyof typeof LANGUAGES
