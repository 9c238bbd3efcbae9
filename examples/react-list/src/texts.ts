import type { Fixer, UserStatus } from './gql/graphql'

/** The languages that Flowthrough explains in, too; so all of a page is in one. */
export const language = navigator.language.toLowerCase().startsWith('it') ? 'it' : 'en'

type Known<Value> = Exclude<Value, '%future added value'>

interface Texts {
  title: string
  token: string
  useToken: string
  noToken: string
  show: string
  notLive: string
  all: string
  searchFor: string
  searchHint: string
  search: string
  loading: string
  shown: (users: number, hasMore: boolean) => string
  loadMore: string
  tryAgain: string
  since: string
  gone: string
  toAct: string
  email: string
  emailRequired: string
  retry: string
  wrongToken: string
  forbidden: string
  unreachable: string
  rateLimited: (seconds: string) => string
  unavailable: string
  internal: (requestId: string) => string
  statuses: Record<Known<UserStatus>, string>
  fixers: Record<Known<Fixer>, string>
}

const english: Texts = {
  title: 'Users on their way to Webex',
  token: 'API token',
  useToken: 'Show users',
  noToken: 'Paste an API token to see users. It is kept until you close this tab.',
  show: 'Show',
  notLive: 'All who are not live',
  all: 'Everybody',
  searchFor: 'BroadWorks ID, address or name',
  searchHint: 'At least three characters',
  search: 'Search',
  loading: 'Loading …',
  shown: (users, hasMore) => (users === 0 ? 'There are no such users.' : `Users: ${users}${hasMore ? ', and there are more' : ''}.`),
  loadMore: 'Load more',
  tryAgain: 'Try again',
  since: 'since',
  gone: 'This user is no longer there.',
  toAct: 'Whose turn it is',
  email: 'E-mail address to activate with',
  emailRequired: 'No address is on record that the user confirmed. Give one that you vouch for.',
  retry: 'Activate again',
  wrongToken: 'The server does not accept this token. It may have been revoked, or some of it is missing.',
  forbidden: 'This token may not do that.',
  unreachable: 'The server does not answer. Is it running?',
  rateLimited: seconds => `That was too much at a time. Try again in ${seconds} seconds.`,
  unavailable: 'The server is busy. Try again in some seconds.',
  internal: requestId => `Something went wrong at the server. If it stays so, report request ${requestId}.`,
  statuses: {
    ERROR: 'Failed',
    PENDING_EMAIL_INPUT: 'Waiting for an address',
    PENDING_EMAIL_VALIDATION: 'Waiting for the confirmation of the address',
    PENDING_USER_MIGRATION: 'Waiting for consent to the move',
    PROVISIONED: 'Live',
    PROVISIONING: 'Being activated',
    UPDATING: 'Being changed',
  },
  fixers: { CISCO: 'Cisco', NOBODY: 'nobody', PARTNER_ADMIN: 'the administrator', USER: 'the user' },
}

const italian: Texts = {
  title: 'Utenti in arrivo su Webex',
  token: 'Token API',
  useToken: 'Mostra gli utenti',
  noToken: 'Incolla un token API per vedere gli utenti. Si conserva finché chiudi questa scheda.',
  show: 'Mostra',
  notLive: 'Tutti i non attivi',
  all: 'Tutti',
  searchFor: 'ID BroadWorks, indirizzo o nome',
  searchHint: 'Almeno tre caratteri',
  search: 'Cerca',
  loading: 'Caricamento …',
  shown: (users, hasMore) => (users === 0 ? 'Nessun utente.' : `Utenti: ${users}${hasMore ? ', e ce ne sono altri' : ''}.`),
  loadMore: 'Mostra altri',
  tryAgain: 'Riprova',
  since: 'dal',
  gone: 'Questo utente non c’è più.',
  toAct: 'A chi tocca',
  email: 'Indirizzo e-mail per l’attivazione',
  emailRequired: 'Non risulta un indirizzo confermato dall’utente. Indicane uno di cui ti fai garante.',
  retry: 'Riattiva',
  wrongToken: 'Il server non accetta questo token. Forse è stato revocato, o ne manca un pezzo.',
  forbidden: 'Questo token non lo permette.',
  unreachable: 'Il server non risponde. È avviato?',
  rateLimited: seconds => `Troppe richieste. Riprova fra ${seconds} secondi.`,
  unavailable: 'Il server è occupato. Riprova fra qualche secondo.',
  internal: requestId => `Qualcosa è andato storto sul server. Se continua, segnala la richiesta ${requestId}.`,
  statuses: {
    ERROR: 'Non riuscito',
    PENDING_EMAIL_INPUT: 'In attesa di un indirizzo',
    PENDING_EMAIL_VALIDATION: 'In attesa della conferma dell’indirizzo',
    PENDING_USER_MIGRATION: 'In attesa del consenso al passaggio',
    PROVISIONED: 'Attivo',
    PROVISIONING: 'In attivazione',
    UPDATING: 'In modifica',
  },
  fixers: { CISCO: 'Cisco', NOBODY: 'nessuno', PARTNER_ADMIN: 'l’amministratore', USER: 'l’utente' },
}

export const texts = language === 'it' ? italian : english

const times = timeFormat(navigator.language)

/** A point in time, in the reader's own zone and way of writing. */
export function timeText(dateTime: string): string {
  return times.format(new Date(dateTime))
}

/** Some browsers name a language that is none, such as `en-US@posix`; then times are written as the page is. */
function timeFormat(tag: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short' })
  } catch {
    return timeFormat(language)
  }
}
