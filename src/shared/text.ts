/**
 * The key under which a text is compared and sorted: Unicode NFC, lower case. Stored beside the text, because the two databases
 * would otherwise fold and sort differently.
 */
export function comparisonKey(text: string): string {
  return text.normalize('NFC').toLowerCase().normalize('NFC')
}

/** The fields that a search looks through, one a line, so that no match reaches across two of them. */
export function searchText(...fields: (string | null | undefined)[]): string {
  return fields
    .filter(field => field != null && field !== '')
    .map(field => comparisonKey(field as string))
    .join('\n')
}
