/**
 * The key under which a text is compared and sorted: Unicode NFC, lower case. Stored beside the text, because the two databases
 * would otherwise fold and sort differently.
 */
export function comparisonKey(text: string): string {
  return text.normalize('NFC').toLowerCase().normalize('NFC')
}

/**
 * The key under which a search compares. Greek ends a word with another small sigma, so lower-casing depends on what comes behind,
 * and a part of a word would not be found in the whole.
 */
export function searchKey(text: string): string {
  return comparisonKey(text).replaceAll('ς', 'σ')
}

/** The fields that a search looks through, one a line, so that no match reaches across two of them. */
export function searchText(...fields: (string | null | undefined)[]): string {
  return fields
    .filter(field => field != null && field !== '')
    .map(field => searchKey(field as string))
    .join('\n')
}
