import { writeFileSync } from 'node:fs'
import catalog from '../src/provisioning/error-catalog-data.json'
import { catalogEntries, ErrorSurface } from '../src/provisioning/error-catalog'

const SURFACE_TITLES: Record<ErrorSurface, string> = {
  API: 'Webex API, in the answer to a request',
  ASYNC: "Webex API, in a user's errors after a background job",
  PORTAL: 'Activation portal',
  DIRECTORY_SYNC: 'Directory sync',
  BROADWORKS: 'BroadWorks',
}

const WHO: Record<string, string> = { USER: 'user', PARTNER_ADMIN: 'partner admin', CISCO: 'Cisco', NOBODY: 'nobody' }

/** The whole of docs/reference/errors.md. A test fails when the file differs. */
export function renderErrorReference(): string {
  const surfaces = Object.values(ErrorSurface).map(surface => `## ${SURFACE_TITLES[surface]}\n\n${surfaceTable(surface)}`)
  return [introduction(), ...surfaces, httpSection(), unknownSection(), statusSection()].join('\n\n') + '\n'
}

/** Writes beneath the working directory, the root of the repository, so that it also works from compiled code. */
export function main(): void {
  writeFileSync('docs/reference/errors.md', renderErrorReference())
}

if (require.main === module) main()

interface Row {
  retryable: boolean
  fixer: string
  steps: string[]
}

function introduction(): string {
  return `# Errors and what to do about them

<!-- Generated from src/provisioning/error-catalog-data.json by scripts/generate-error-reference.ts. Do not edit. -->

Flowthrough explains every error and every status it shows with the texts below. The same texts exist in Italian. The API gives them as
\`Diagnosis\`, \`ProvisioningError.message\` and \`errorCatalog\`.

An error is explained by its code. Without a code it is explained by its HTTP status, and without an answer as a failure of the network.
A code that is not listed passes through with the text that Webex sent.

${columnsTable()}

**Not verified** means that we know the meaning only from memory or from secondary sources, and could not confirm it in a public
document of Cisco's. Take such a row as a first guess: read the text that came with the error, and trust that text where the two differ.
The API says the same with \`CatalogEntry.verified: false\`.`
}

function columnsTable(): string {
  return table(
    ['Column', 'What it says'],
    [
      ['Meaning', 'One sentence that can be read out to a customer.'],
      [
        'Retries by itself?',
        'Yes: the same attempt can succeed later with nothing changed in the data of the user. Flowthrough may then repeat its own requests; ' +
          'a sign-in, a form or a directory sync is repeated by a person. No: something has to be mended first.',
      ],
      [
        'Who acts',
        'Who acts first: the user, the partner admin, Cisco, or nobody, because it passes or needs nothing. The steps name the second.',
      ],
      ['Steps', 'What to do, in this order.'],
      ['Verified', 'Yes: a public document of Cisco confirms the meaning of the code. No: see below.'],
    ],
  )
}

function surfaceTable(surface: ErrorSurface): string {
  const entries = catalogEntries('en').filter(entry => entry.surface === surface)
  return table(
    ['Code', 'Meaning', 'Retries by itself?', 'Who acts', 'Steps', 'Verified'],
    entries.map(entry => [String(entry.code), entry.meaning, ...advice(entry), yesOrNo(entry.verified)]),
  )
}

function httpSection(): string {
  const rows = Object.entries(catalog.httpStatuses).map(([status, cause]) => [
    status,
    cause.en.meaning,
    ...advice({ ...cause, ...cause.en }),
  ])
  const { network } = catalog
  rows.push(['no answer', network.en.meaning, ...advice({ ...network, ...network.en })])
  return `## Errors without a code\n\n${table(['HTTP status', 'Meaning', 'Retries by itself?', 'Who acts', 'Steps'], rows)}`
}

function unknownSection(): string {
  const { unknown } = catalog
  const columns = ['Meaning', 'Retries by itself?', 'Who acts', 'Steps']
  const rows = [[unknown.en.meaning.replace('{upstreamText}', '_the text that Webex sent_'), ...advice({ ...unknown, ...unknown.en })]]
  return `## Errors that are not listed\n\n${table(columns, rows)}`
}

function statusSection(): string {
  const rows = Object.entries(catalog.statuses).flatMap(([status, cause]) => {
    const cases = 'firstUser' in cause ? [cause, cause.firstUser] : [cause]
    return cases.map(({ en, ...rest }) => [
      `\`${status}\``,
      en.requirement ?? 'nothing: in progress',
      en.cause,
      ...advice({ ...rest, ...en }),
    ])
  })
  const columns = ['Status', 'Requirement shown', 'Meaning', 'Goes on by itself?', 'Who acts', 'Steps']
  return `## Statuses that are no error\n\n${table(columns, rows)}`
}

function advice({ retryable, fixer, steps }: Row): string[] {
  return [yesOrNo(retryable), WHO[fixer] ?? fixer, steps.map((step, index) => `${index + 1}. ${step}`).join('<br>')]
}

function yesOrNo(value: boolean): string {
  return value ? 'yes' : 'no'
}

/** Cells are padded because that is what the formatter does to tables; the file then needs no exception from it. */
export function table(columns: string[], rows: string[][]): string {
  const cells = [columns, ...rows].map(row => row.map(cell => cell.replaceAll('|', '\\|')))
  const widths = columns.map((_, index) => Math.max(3, ...cells.map(row => row[index]?.length ?? 0)))
  const [head, ...body] = cells.map(row => `| ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ')} |`)
  return [head, `| ${widths.map(width => '-'.repeat(width)).join(' | ')} |`, ...body].join('\n')
}
