import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { Command } from 'commander'
import { WEBEX_API } from '../../config/config'
import { httpUrl } from '../../config/settings'
import { connectPartner, disconnectPartner, type GivenConnection } from '../../features/partner/connection.service'
import { insertPartner } from '../../features/partner/partner.service'
import { choosePartner, withPlatform } from '../platform'

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
  return new Command('partner')
    .description('service providers, the tenants of this server, and their connections to Webex')
    .addCommand(create)
    .addCommand(connectCommand())
    .addCommand(disconnectCommand())
}

function connectCommand(): Command {
  return new Command('connect')
    .description('connect a partner to its Webex organisation: by an integration, whose tokens are renewed, or by an access token alone')
    .option('--partner <partner>', 'ID or name of the partner; may be left out while there is one')
    .option('--client-id <id>', 'client ID of the integration')
    .option('--client-secret-file <file>', 'file with its client secret; - for standard input')
    .option('--refresh-token-file <file>', 'file with a refresh token of it; - for standard input')
    .option('--access-token-file <file>', 'file with an access token, which is used until it ends; - for standard input')
    .option('--base-url <url>', 'where Webex is', WEBEX_API)
    .action((options: ConnectOptions) =>
      withPlatform(async platform => {
        const { id, name } = await choosePartner(platform, options.partner)
        const { baseUrl, accessTokenExpiresAt } = await connectPartner(platform, id, await givenConnection(options))
        const end = accessTokenExpiresAt === null ? '' : ` Its access token is renewed before ${accessTokenExpiresAt}.`
        process.stdout.write(`${name} (${id}) is connected to ${baseUrl}.${end}\n`)
        const { readOnlyReason } = await platform.webex.status(id)
        if (readOnlyReason) process.stdout.write(`${readOnlyReason}\n`)
      }),
    )
}

function disconnectCommand(): Command {
  return new Command('disconnect')
    .description("forget a partner's connection to Webex and its tokens")
    .option('--partner <partner>', 'ID or name of the partner; may be left out while there is one')
    .action(({ partner }: { partner?: string }) =>
      withPlatform(async platform => {
        const { id, name } = await choosePartner(platform, partner)
        const wasConnected = await disconnectPartner(platform, id)
        process.stdout.write(`${name} (${id}) ${wasConnected ? 'is no longer' : 'was not'} connected.\n`)
      }),
    )
}

interface ConnectOptions {
  partner?: string
  clientId?: string
  clientSecretFile?: string
  refreshTokenFile?: string
  accessTokenFile?: string
  baseUrl: string
}

/** Secrets come from files: what is on the command line can be seen by everybody on the machine. */
async function givenConnection(options: ConnectOptions): Promise<GivenConnection> {
  const { clientId, clientSecretFile, refreshTokenFile, accessTokenFile } = options
  const integration = [clientId, clientSecretFile, refreshTokenFile]
  const url = httpUrl.safeParse(options.baseUrl)
  if (!url.success) throw new Error('--base-url must be an http:// or https:// URL.')
  const baseUrl = url.data
  if (accessTokenFile && integration.every(option => option === undefined)) {
    return { baseUrl, accessToken: await readSecret(accessTokenFile) }
  }
  if (accessTokenFile || !clientId || !clientSecretFile || !refreshTokenFile) {
    throw new Error(
      'Give --client-id, --client-secret-file and --refresh-token-file for an integration, or --access-token-file for a token alone.',
    )
  }
  if (clientSecretFile === '-' && refreshTokenFile === '-') throw new Error('Only one secret can come from standard input.')
  return { baseUrl, clientId, clientSecret: await readSecret(clientSecretFile), refreshToken: await readSecret(refreshTokenFile) }
}

async function readSecret(file: string): Promise<string> {
  const secret = (file === '-' ? await text(process.stdin) : await readFile(file, 'utf8')).trim()
  if (!/^[\x21-\x7e]+$/.test(secret)) throw new Error(`${file === '-' ? 'Standard input' : file} must have the secret and nothing else.`)
  return secret
}
