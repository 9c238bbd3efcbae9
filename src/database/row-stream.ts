/** Rows of one statement, batch by batch, as they are when the first is read, whatever is changed meanwhile. */
export type RowStream = AsyncIterable<Record<string, unknown>[]>

export interface RowStreamOptions {
  /** Ends the stream, its connection and its slot, whoever reads it or does not. Abort it at the end, or read all rows. */
  signal: AbortSignal
  /** At most `count` streams of one name at a time, over all processes at the database. */
  slots: { name: string; count: number }
}

/** So many rows are read at a time: few enough to be little memory, many enough that their number of steps does not matter. */
export const BATCH_ROWS = 500
