/** What was measured; Jest's own console would add where it was said. */
export function report(line: string, details: object = {}): void {
  process.stderr.write(`    ${line} ${JSON.stringify(details)}\n`)
}
