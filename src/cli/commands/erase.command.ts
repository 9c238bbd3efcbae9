import { Command } from 'commander'
import { erasePerson } from '../../features/erasure/erasure.service'
import { choosePartner, requireServersKey, withPlatform } from '../platform'

export function eraseCommand(): Command {
  return new Command('erase')
    .description('make what is kept of a deleted person unreadable, for good; may run beside a server, and again')
    .requiredOption('--user <user>', 'ID of the user, or the BroadWorks ID; the user has to be deleted first')
    .option('--partner <partner>', 'ID or name of the partner; may be left out while there is one')
    .action(({ user, partner }: { user: string; partner?: string }) =>
      withPlatform(async platform => {
        const chosen = await choosePartner(platform, partner)
        requireServersKey(platform, chosen)
        const partnerId = chosen.id
        const { erased, leftInLog } = await erasePerson({ ...platform, actor: { partnerId, name: 'command line', requestId: null } }, user)
        const parts = Object.entries(erased).filter(([, count]) => count > 0)
        const summary = parts.map(([name, count]) => `  ${count} ${name}\n`).join('')
        if (leftInLog)
          process.stderr.write('A download is under way: run this again when it has ended, so that nothing stays in the log file.\n')
        process.stdout.write(parts.length > 0 ? `Erased:\n${summary}` : `Nothing is kept of ${user}.\n`)
      }),
    )
}
