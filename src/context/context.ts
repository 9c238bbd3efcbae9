import type DataLoader from 'dataloader'
import type { Config } from '../config/config'
import type { Budget } from '../auth/budget'
import type { Limits } from '../auth/limits'
import type { Actor, Viewer } from '../auth/viewer'
import type { Database } from '../database/database'
import type { MailTransport } from '../mail/mail'
import type { CatalogLocale } from '../provisioning/error-catalog'
import type { JobQueue } from '../queue/job-queue'
import type { WebexConnections } from '../webex/webex-connections'
import type { Clock } from '../shared/clock'
import type { Logger } from '../shared/logger'

/**
 * Everything with the lifetime of the process; app.ts creates it. A feature that keeps something in the process declares its member beside
 * its type, by declaration merging (see user-change.feed.ts): this folder knows no feature.
 */
export interface Platform {
  readonly config: Config
  readonly database: Database
  readonly queue: JobQueue
  readonly webex: WebexConnections
  readonly mail: MailTransport
  readonly limits: Limits
  readonly clock: Clock
  readonly logger: Logger
  /** Where users and frontends reach this server, without a trailing slash. */
  readonly publicUrl: () => string
}

/** The platform and who is on record for what is changed: all that a change needs, also when a job makes it. */
export interface Acting extends Platform {
  readonly actor: Actor
}

/** What a service gets as its first argument: the platform, who asks, and what belongs to this one request. */
export interface Context extends Acting {
  readonly viewer: Viewer
  /** What the caller may still ask for. */
  readonly budget: Budget
  readonly requestId: string
  /** The language of texts that come from the catalogue. */
  readonly locale: CatalogLocale
  readonly load: Load
}

/** A batched look-up; see `defineLoader`. */
export interface Loader<Key, Value> {
  readonly batch: (context: Context, keys: readonly Key[]) => Promise<readonly (Value | Error)[]>
  readonly options: DataLoader.Options<Key, Value, unknown>
}

/** Looks one thing up, together with all others that the request asks for in the same moment. */
export type Load = <Key, Value>(loader: Loader<Key, Value>, key: Key) => Promise<Value>
