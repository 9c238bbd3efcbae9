import { Command } from 'commander'
import { withPlatform } from '../platform'

export function migrateCommand(): Command {
  return new Command('migrate').description('bring the schema of the database up to date').action(() =>
    withPlatform(async ({ database }) => {
      process.stdout.write(`The schema of the ${database.kind === 'sqlite' ? 'SQLite' : 'PostgreSQL'} database is up to date.\n`)
    }),
  )
}
