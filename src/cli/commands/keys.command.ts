import { Command } from 'commander'
import { countOutdated, reencrypt } from '../../features/encryption-key/reencryption.service'
import { withPlatform } from '../platform'
import { startProgress } from '../progress'

export function keysCommand(): Command {
  const rotate = new Command('rotate')
    .description('encrypt with ENCRYPTION_KEY what is kept under a key of ENCRYPTION_KEYS_OLD; may run beside a server, and again')
    .action(() =>
      withPlatform(async platform => {
        const outdated = await countOutdated(platform)
        const progress = startProgress('Encrypting anew', outdated)
        await reencrypt(platform, progress.update).finally(progress.stop)
        const left = await countOutdated(platform)
        if (left > 0) {
          throw new Error(
            `${left} rows came under another key meanwhile: a server still runs with the old ENCRYPTION_KEY. ` +
              'Start it again with the new one, and run this again.',
          )
        }
        process.stdout.write(`${outdated} rows were encrypted anew; nothing is left under another key.\n`)
      }),
    )
  return new Command('keys').description('the key that the database is encrypted with').addCommand(rotate)
}
