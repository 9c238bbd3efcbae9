import type { z } from 'zod'
import { ApiError } from './api-error'

/** The body of a request to one of the simulator's own tools. @throws ApiError 400 that names each field and what it allows */
export function readBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  throw new ApiError(
    400,
    parsed.error.issues.map(({ path, message }) => ({ description: `${path.join('.') || 'The body'} ${message}` })),
  )
}

/** Says of a field that is not known which ones are. */
export function onlyThese(names: string[]) {
  return (issue: { code?: string; keys?: unknown }): string =>
    issue.code === 'unrecognized_keys'
      ? `has fields that are not known here: ${String(issue.keys)}; known are ${names.join(', ')}`
      : `must be an object with some of ${names.join(', ')}`
}
