import { parse, print } from 'graphql'

export interface CurlRequest {
  /** Address of the API, for example `http://127.0.0.1:4000/graphql`. */
  url: string
  /** Goes into the command as it is; without one the command takes it from the shell's `TOKEN`. */
  token?: string
  operation: string
  variables?: Record<string, unknown>
  /** Beside those that every request has. */
  headers?: Record<string, unknown>
  /** Needed when the document has several operations. */
  operationName?: string
}

/**
 * The request as a curl command that a POSIX shell takes as it is pasted. Reference and playground tell the same one, and they meet in
 * this folder only.
 */
export function curlCommand({ url, token, operation, variables, headers = {}, operationName }: CurlRequest): string {
  const body = JSON.stringify({ query: inOneLine(operation), variables, operationName }, null, 2)
  return [
    // No meter where its output goes on to another program.
    `curl -sS ${quoted(url)}`,
    // Double quotes are for the variable's sake.
    `--header ${token === undefined ? '"Authorization: Bearer $TOKEN"' : quoted(`Authorization: Bearer ${token}`)}`,
    "--header 'Content-Type: application/json'",
    ...Object.entries(headers).flatMap(([name, value]) =>
      OWN.includes(name.toLowerCase()) ? [] : `--header ${quoted(`${name}: ${String(value)}`)}`,
    ),
    `--data ${quoted(body)}`,
  ].join(' \\\n  ')
}

const OWN = ['authorization', 'content-type']

/** Between single quotes a shell takes every character for itself, but for the single quote. */
function quoted(text: string): string {
  return /^[\w:/.-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

/** Without the comments, which a program does not read. What is no operation yet stays as it is, for the server to say what is wrong. */
function inOneLine(operation: string): string {
  try {
    const printed = print(parse(operation))
    // Only in a block string does a line break mean something.
    return printed.includes('"""') ? printed : printed.replace(/\n\s*/g, ' ')
  } catch {
    return operation
  }
}
