import { ApiError } from '../api-error'

/**
 * The answer in types that differ from the contract: those of `selfActivated`, `info` and error codes were seen, and so were identifiers in quotes;
 * numbers for extensions and fields that nobody knows are to be expected.
 */
export function retyped(answer: unknown): unknown {
  if (!isRecord(answer)) return answer
  if (Array.isArray(answer.items)) return { ...answer, items: (answer.items as unknown[]).map(retyped), ...UNKNOWN_FIELDS }
  const { id, personId, selfActivated, extension, errors, info } = answer
  return {
    ...answer,
    ...(typeof id === 'string' && { id: `"${id}"` }),
    ...(typeof personId === 'string' && { personId: `'${personId}'` }),
    ...(typeof selfActivated === 'string' && { selfActivated: selfActivated === 'true' }),
    // A leading zero would be lost, and with it what the field says.
    ...(typeof extension === 'string' && /^[1-9]\d{0,14}$/.test(extension) && { extension: Number(extension) }),
    ...(Array.isArray(errors) && { errors: errors.map(withTextCode) }),
    ...(Array.isArray(info) && { info: info[0] as unknown }),
    ...UNKNOWN_FIELDS,
  }
}

/** A refusal in the same manner. */
export function retypedRefusal({ statusCode, errors, headers, fields }: ApiError): ApiError {
  return new ApiError(statusCode, errors.map(withTextCode), headers, fields)
}

const UNKNOWN_FIELDS = { links: { self: 'https://webexapis.example/' }, etag: null, tags: ['simulated'] }

function withTextCode<Item extends { errorCode?: unknown }>(item: Item) {
  return item.errorCode === undefined ? item : { ...item, errorCode: String(item.errorCode) }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
