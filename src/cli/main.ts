#!/usr/bin/env node
import 'reflect-metadata'
import { Command } from 'commander'
import { fail, serve } from '../main'
import { eraseCommand } from './commands/erase.command'
import { importCommand } from './commands/import.command'
import { jobsCommand } from './commands/jobs.command'
import { keysCommand } from './commands/keys.command'
import { migrateCommand } from './commands/migrate.command'
import { partnerCommand } from './commands/partner.command'
import { printSchemaCommand } from './commands/print-schema.command'
import { seedCommand } from './commands/seed.command'
import { simulatorCommand } from './commands/simulator.command'
import { syncCommand } from './commands/sync.command'
import { tokenCommand } from './commands/token.command'

const program = new Command('flowthrough')
  .description('Sees who is stuck in Webex for BroadWorks onboarding, and mends it.')
  .addHelpText('after', '\nExit codes: 0 done; 1 failed or called with wrong arguments; 2 import ended with bad rows.')
  .showHelpAfterError('(run with --help to see what is allowed)')

program.command('serve').description('run the server; settings come from the environment').action(serve)
for (const command of [
  migrateCommand(),
  partnerCommand(),
  tokenCommand(),
  seedCommand(),
  importCommand(),
  syncCommand(),
  eraseCommand(),
  jobsCommand(),
  keysCommand(),
  simulatorCommand(),
  printSchemaCommand(),
]) {
  program.addCommand(command)
}

program.parseAsync().catch(fail)
