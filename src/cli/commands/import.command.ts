import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Command } from 'commander'
import { readRow, selectRows } from '../../database/rows'
import { type BadRow, IMPORT_COLUMNS, importUsers } from '../../features/provisioning-request/import.service'
import { OnboardingTemplate } from '../../features/onboarding-template/onboarding-template.entity'
import { choosePartner, requireServersKey, withPlatform } from '../platform'
import { startProgress } from '../progress'

const EXIT_BAD_ROWS = 2

export function importCommand(): Command {
  return new Command('import')
    .description('take over users from a CSV file as BroadWorks hands them over; may run beside a server')
    .argument('<file>', `UTF-8, first line: ${IMPORT_COLUMNS.join(',')}`)
    .requiredOption('--template <provisioningId>', 'provisioning ID of the onboarding template')
    .option('--partner <partner>', 'ID or name of the partner; may be left out while there is one')
    .action((file: string, options: { template: string; partner?: string }) =>
      withPlatform(async platform => {
        const chosen = await choosePartner(platform, options.partner)
        requireServersKey(platform, chosen)
        const partnerId = chosen.id
        const template = await readRow(
          selectRows(platform.database.reader, OnboardingTemplate, 'row').where(
            'row.partnerId = :partnerId AND row.provisioningId = :provisioningId',
            {
              partnerId,
              provisioningId: options.template,
            },
          ),
        )
        if (!template) throw new Error(`The partner has no onboarding template with the provisioning ID ${options.template}.`)
        const { size } = await stat(file)
        const stream = createReadStream(file)
        const progress = startProgress('Importing (bytes)', size)
        stream.on('data', () => progress.update(stream.bytesRead))
        const problems: BadRow[] = []
        const tell = (): void => {
          // What is no CSV is found before what is refused: put in order, as far as it is kept.
          const lines = problems.splice(0).sort((one, other) => one.line - other.line)
          for (const { line, column, reason } of lines)
            process.stderr.write(`line ${line}${column ? `, column ${column}` : ''}: ${reason}\n`)
        }
        const acting = { ...platform, actor: { partnerId, name: 'import', requestId: null } }
        const { created, unchanged, bad } = await importUsers(acting, template, stream, row => {
          problems.push(row)
          if (problems.length >= 1000) tell()
        }).finally(progress.stop)
        tell()
        process.stdout.write(`${created} created, ${unchanged} unchanged, ${bad} bad\n`)
        if (bad > 0) process.exitCode = EXIT_BAD_ROWS
      }),
    )
}
