import { BadUserInput } from '../shared/errors'

/** A place in an ordered list: the value that the list is sorted by, and the ID that breaks ties. */
export interface Position {
  value: string
  id: string
}

/** @param order the name of the order that the cursor is bound to, for example `CREATED_AT:DESC` */
export function encodeCursor(order: string, { value, id }: Position): string {
  return Buffer.from(JSON.stringify([order, value, id])).toString('base64url')
}

/** @throws BadUserInput naming the argument when the cursor is not one of ours, or belongs to another order. */
export function decodeCursor(argument: string, order: string, cursor: string): Position {
  const parts = parse(cursor)
  if (!parts) throw new BadUserInput(argument, `\`${argument}\` is not a cursor of this API; take it from \`pageInfo\` or an edge.`)
  const [cursorOrder, value, id] = parts
  if (cursorOrder !== order) {
    throw new BadUserInput(argument, `\`${argument}\` is a cursor of the order ${cursorOrder}; this list is ordered by ${order}.`)
  }
  return { value, id }
}

const CURSOR_MAX_LENGTH = 2000

function parse(cursor: string): [order: string, value: string, id: string] | null {
  if (cursor.length > CURSOR_MAX_LENGTH || !/^[\w-]+$/.test(cursor)) return null
  try {
    const parts: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(cursor, 'base64url')))
    if (!Array.isArray(parts) || parts.length !== 3) return null
    // PostgreSQL refuses a NUL in text; no value of ours has one.
    const texts = parts.every((part): part is string => typeof part === 'string' && !part.includes('\0'))
    return texts && /^[A-Z_]+:(ASC|DESC)$/.test(parts[0] as string) ? (parts as [string, string, string]) : null
  } catch {
    return null
  }
}
