/** What the caller of a request may see and do. */
export enum Role {
  VIEWER = 'VIEWER',
  OPERATOR = 'OPERATOR',
  ADMIN = 'ADMIN',
}

/** Who asks: a person or program with a token, or this process itself for a command or a job. */
export interface Viewer {
  readonly partnerId: string
  /** As the audit log shows it, for example `Demo administrator` or `import`. */
  readonly name: string
  readonly role: Role
  /** The scope of idempotency keys; the token's ID where there is one. */
  readonly callerId: string
  /** The only customers whose users the caller sees, or null for all of the partner's. */
  readonly customerIds: readonly string[] | null
}

/** Who is on record for a change. */
export interface Actor {
  readonly partnerId: string
  readonly name: string
  /** The request that asked for it; null for background work. */
  readonly requestId: string | null
}
