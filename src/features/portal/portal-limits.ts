import type { RateLimit } from '../../database/rate-limiter'

/** How long a sign-in stays locked, in seconds. Source: 200018 in Cisco's list of portal errors, "about ten minutes". */
export const LOCK_SECONDS = 600

/** Wrong passwords until a sign-in is locked. A passcode has at least four characters, so ten guesses find few of them. */
const WRONG_PASSWORDS = 10

/** Requests of one network. The page polls every two seconds, later every eight; an office of twenty people may share one address. */
export const PORTAL_REQUESTS: RateLimit = { name: 'activation-requests', points: 600, seconds: 60 }

/** Sign-ins on one template. Its link goes to all users of a provider; each sign-in costs this server or BroadWorks a password check. */
export const SIGN_INS_OF_LINK: RateLimit = { name: 'sign-ins-of-link', points: 600, seconds: 60 }

/** Wrong passwords of one user, by partner and BroadWorks ID. */
export const WRONG_PASSWORDS_OF_USER: RateLimit = { name: 'wrong-tries-of-user', points: WRONG_PASSWORDS, seconds: LOCK_SECONDS }

/** Wrong passwords from one network. */
export const WRONG_PASSWORDS_OF_NETWORK: RateLimit = { name: 'wrong-tries-from-network', points: WRONG_PASSWORDS, seconds: LOCK_SECONDS }

/** Mails to one user. Keeps the portal from flooding a mailbox. */
export const MAILS_OF_USER: RateLimit = { name: 'mails', points: 5, seconds: 3600 }
