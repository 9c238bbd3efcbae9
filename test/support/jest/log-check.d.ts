/** Throws when a log of the run has a secret, or there is none to look through; else removes the logs. */
export function checkLogs(folder: string, isWhole: boolean): void
