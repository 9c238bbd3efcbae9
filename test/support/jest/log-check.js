const fs = require('node:fs')
const path = require('node:path')

/**
 * What no log may have, found in ways of its own: what the server leaves out by (src/shared/redaction.ts) would not find its own mistakes.
 * Passwords and names of people cannot be told by their looks, so those that the tests use are listed.
 */
const KINDS = [
  ['an API token', /flt_[A-Za-z0-9_-]{8}/],
  ['a JSON Web Token', /eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]/],
  ['a bearer token', /bearer (?!\[redacted\]|tokens?\b)[A-Za-z0-9]/i],
  ['an access token of Webex', /simulated-[0-9a-f]{8}|_P[A-Z0-9]{3}_[0-9a-f]{8}-|of-the-tests|a-token-|refresh-anything/],
  ['an e-mail address', /[A-Za-z0-9](?:@|%40)[A-Za-z0-9-]+\.[A-Za-z]/],
  ['a phone number', /(?:\+|%2B)[1-9]\d{0,2}[ .-]?\(?\d{2,3}\)?[ .-]?\d{3}|"\+?[0-9]{2,3}-[0-9]{2,3}-[0-9]{4,7}/i],
  ['a name and a password in a URL', /:\/\/[^\s/"[@]+@/],
  ['a password or a passcode', /correct horse|another horse|wrong horse|passcode-that-nobody-guesses|p4ssw0rd|Blumen&K|client-secret|hush/],
  ['a password by its field', /(?:password|passcode|secret)\\?"?[=:]\s?\\?"?(?!\[redacted\]|null|true|false|")[^\s"]/i],
  ['a name of a person', /\bRossi\b/],
]

/** A whole run writes many times as many; with fewer, what is to be looked at is not there. */
const WHOLE_RUN_LINES_MIN = 500
/** Problems to name: whoever mends the first ones has mended the others. */
const NAMED_MAX = 20

/**
 * Looks through the logs of a run.
 * @param {string} folder with a file for each process
 * @param {boolean} isWhole whether all tests ran, so that there have to be logs
 * @returns {string[]} what is wrong, by file and line, without the secret
 */
function problemsOfLogs(folder, isWhole) {
  const problems = []
  let lineCount = 0
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name)
    const lines = fs.readFileSync(file, 'utf8').split('\n')
    lineCount += lines.length - 1
    lines.forEach((line, index) => {
      for (const [kind, pattern] of KINDS) {
        const found = pattern.exec(line)
        if (found)
          problems.push(`${file}:${index + 1} has ${kind} at column ${found.index + 1}, which begins with "${found[0].slice(0, 3)}"`)
      }
    })
  }
  if (isWhole && lineCount < WHOLE_RUN_LINES_MIN) {
    problems.push(`${folder} has ${lineCount} lines; a run of all tests writes more than ${WHOLE_RUN_LINES_MIN}`)
  }
  return problems
}

/** Throws when a log of the run has a secret, or there is none to look through; else removes the logs. */
function checkLogs(folder, isWhole) {
  const problems = problemsOfLogs(folder, isWhole)
  if (problems.length > 0) {
    const rest = problems.length > NAMED_MAX ? [`… and ${problems.length - NAMED_MAX} more`] : []
    throw new Error(['The logs of the tests are not as they have to be:', ...problems.slice(0, NAMED_MAX), ...rest].join('\n  '))
  }
  fs.rmSync(folder, { recursive: true })
}

module.exports = { checkLogs }
