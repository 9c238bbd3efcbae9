/** A port that nobody listens on, for a program that takes none. */
export function freePort(): Promise<number>
