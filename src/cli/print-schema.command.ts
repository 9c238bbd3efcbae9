import { Command } from 'commander'
import { ENTITY_REFERENCES } from '../features/node/entity-references'
import { buildPartnerSchemas } from '../graphql/schema'
import { RESOLVERS } from '../resolvers'

export function printSchemaCommand(): Command {
  return new Command('print-schema')
    .description('print the SDL of the partner API; needs no database')
    .option('--subgraph', 'print what a federation router is told')
    .action(({ subgraph }: { subgraph?: true }) => {
      const { sdl, subgraphSdl } = buildPartnerSchemas(RESOLVERS, ENTITY_REFERENCES)
      process.stdout.write(subgraph ? subgraphSdl : sdl)
    })
}
