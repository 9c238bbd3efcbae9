import { createHash } from 'node:crypto'
import { BadUserInput } from '../shared/errors'

/** A place in an ordered list: the value that the list is sorted by, and the ID that breaks ties. */
export interface Position {
  value: string
  id: string
}

/**
 * @param order the name of the order that the cursor is bound to, for example `CREATED_AT:DESC`
 * @param scope whose list of what; under another one the cursor is not valid either
 */
export function encodeCursor(order: string, { value, id }: Position, scope = ''): string {
  return Buffer.from(JSON.stringify([order, value, id, seal(scope, order, value, id)])).toString('base64url')
}

/** @throws BadUserInput naming the argument when the cursor is not one of this list, was changed, or belongs to another order. */
export function decodeCursor(argument: string, order: string, cursor: string, scope = ''): Position {
  const parts = parse(cursor, scope)
  if (!parts) throw new BadUserInput(argument, `\`${argument}\` is not a cursor of this list; take it from \`pageInfo\` or an edge.`)
  const [cursorOrder, value, id] = parts
  if (cursorOrder !== order) {
    throw new BadUserInput(argument, `\`${argument}\` is a cursor of the order ${cursorOrder}; this list is ordered by ${order}.`)
  }
  return { value, id }
}

const CURSOR_MAX_LENGTH = 2000

/** Tells cursors that were changed or come from another list. It needs no secret: who forges one skips rows of their own list. */
function seal(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 8)
}

/** A cursor is one of ours when encoding its parts gives it again: other alphabets, broken UTF-8 and further parts do not come back. */
function parse(cursor: string, scope: string): [order: string, value: string, id: string] | null {
  if (cursor.length > CURSOR_MAX_LENGTH) return null
  try {
    // What is not a list throws, as what is not JSON does.
    const parts = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[]
    if (!parts.every(part => typeof part === 'string')) return null
    const [order, value, id] = parts as [string, string, string]
    // PostgreSQL refuses a NUL in text; no value of ours has one.
    if (!/^[A-Z_]+:(ASC|DESC)$/.test(order) || `${value}${id}`.includes('\0')) return null
    return encodeCursor(order, { value, id }, scope) === cursor ? [order, value, id] : null
  } catch {
    return null
  }
}
