import { Command, Option } from 'commander'
import { Role } from '../../auth/viewer'
import { insertToken } from '../../features/api-token/api-token.service'
import { choosePartner, withPlatform } from '../platform'

export function tokenCommand(): Command {
  const create = new Command('create')
    .description('make an API token and print it, and nothing else; only its hash is kept')
    .addOption(new Option('--role <role>', 'what its holder may do').choices(Object.values(Role)).makeOptionMandatory())
    .option('--name <name>', 'what the token is for; the audit log shows it', 'command line')
    .option('--partner <partner>', 'ID or name of the partner; may be left out while there is one')
    .action(({ role, name, partner }: { role: Role; name: string; partner?: string }) =>
      withPlatform(async platform => {
        const { id: partnerId } = await choosePartner(platform, partner)
        const acting = { ...platform, actor: { partnerId, name: 'command line', requestId: null } }
        const { secret } = await platform.database.transaction(tx => insertToken(acting, tx, { name: name.slice(0, 100), role }))
        process.stdout.write(`${secret}\n`)
      }),
    )
  return new Command('token').description('tokens of the partner API').addCommand(create)
}
