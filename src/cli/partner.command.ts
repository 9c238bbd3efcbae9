import { Command } from 'commander'
import { insertPartner } from '../features/partner/partner.service'
import { withPlatform } from './platform'

const NAME_MAX_LENGTH = 200

export function partnerCommand(): Command {
  const create = new Command('create')
    .description('make a partner and print its ID')
    .requiredOption('--name <name>', `name of the service provider, 1 to ${NAME_MAX_LENGTH} characters`)
    .action(({ name }: { name: string }) =>
      withPlatform(async platform => {
        const trimmed = name.trim()
        if (trimmed === '' || trimmed.length > NAME_MAX_LENGTH) throw new Error(`--name must have 1 to ${NAME_MAX_LENGTH} characters.`)
        const { partner } = await platform.database.transaction(tx => insertPartner(platform, tx, trimmed))
        process.stdout.write(`${partner.id}\n`)
      }),
    )
  return new Command('partner').description('service providers, the tenants of this server').addCommand(create)
}
