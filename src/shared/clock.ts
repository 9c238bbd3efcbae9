/** A point in time as the database and the API hold it: RFC 3339 in UTC with milliseconds, always 24 characters, so text order is time order. */
export type Timestamp = string

/** Where the process takes its time from; tests pass their own. */
export interface Clock {
  now(): Date
}

export const systemClock: Clock = { now: () => new Date() }

export function timestamp(date: Date): Timestamp {
  return date.toISOString()
}
