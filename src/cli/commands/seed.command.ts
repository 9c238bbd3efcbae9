import { Command } from 'commander'
import { seedPartner, SYNTHETIC_PASSCODE } from '../../features/demo-data/seed'
import { insertPartner, listPartners, webexTokenOf } from '../../features/partner/partner.service'
import type { Platform } from '../../context/context'
import { wholeNumber } from '../arguments'
import { choosePartner, withPlatform } from '../platform'
import { startProgress } from '../progress'

export function seedCommand(): Command {
  return new Command('seed')
    .description('fill a partner with synthetic users, and the simulator with its side of them; again, it adds what is missing')
    .requiredOption('--users <number>', 'how many users', wholeNumber(1, 10_000_000))
    .option('--partner <partner>', 'ID or name of the partner; made where there is none, may be left out while there is one')
    .option('--broken-template', 'with one template that has a setting wrong, so that a third of its users fail for one reason')
    .action(({ users, partner, brokenTemplate }: { users: number; partner?: string; brokenTemplate?: true }) =>
      withPlatform(async platform => {
        const { id: partnerId, name } = await partnerFor(platform, partner)
        const { config, database } = platform
        const webexToken = config.webex?.accessToken ?? (await webexTokenOf(database, config.encryptionKeys, partnerId))
        const progress = startProgress('Seeding', users)
        await seedPartner(platform, {
          partnerId,
          webexToken,
          users,
          brokenTemplate: brokenTemplate ?? false,
          onProgress: progress.update,
        }).finally(progress.stop)
        process.stdout.write(
          `${name} (${partnerId}) has ${users} synthetic users; their passcode for the portal is ${SYNTHETIC_PASSCODE}.\n`,
        )
      }),
    )
}

async function partnerFor(platform: Platform, given: string | undefined) {
  const none = (await listPartners(platform)).length === 0
  if (!none) return choosePartner(platform, given)
  return (await platform.database.transaction(tx => insertPartner(platform, tx, given ?? 'Synthetic partner'))).partner
}
