import { Command } from 'commander'
import { ENTITY_REFERENCES } from '../../features/node/entity-references'
import { withAuthDirectives } from '../../graphql/engine/auth-directives'
import { buildPartnerSchemas } from '../../graphql/engine/schema'
import { RESOLVERS } from '../../resolvers'

export function printSchemaCommand(): Command {
  return new Command('print-schema')
    .description('print the SDL of the partner API; needs no database')
    .option('--subgraph', 'print what a federation router is told')
    .option('--auth-directives', 'with --subgraph: say by @authenticated what takes a token, for routers that know it')
    .action(({ subgraph, authDirectives }: { subgraph?: true; authDirectives?: true }, command: Command) => {
      if (authDirectives && !subgraph) command.error('error: --auth-directives is for what a router is told; give --subgraph, too.')
      const { sdl, subgraphSdl } = buildPartnerSchemas(RESOLVERS, ENTITY_REFERENCES)
      process.stdout.write(!subgraph ? sdl : authDirectives ? withAuthDirectives(subgraphSdl) : subgraphSdl)
    })
}
