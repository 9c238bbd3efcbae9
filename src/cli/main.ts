#!/usr/bin/env node
import 'reflect-metadata'
import { Command } from 'commander'
import { fail, serve } from '../main'
import { eraseCommand } from './erase.command'
import { importCommand } from './import.command'
import { jobsCommand } from './jobs.command'
import { keysCommand } from './keys.command'
import { migrateCommand } from './migrate.command'
import { partnerCommand } from './partner.command'
import { printSchemaCommand } from './print-schema.command'
import { seedCommand } from './seed.command'
import { simulatorCommand } from './simulator.command'
import { syncCommand } from './sync.command'
import { tokenCommand } from './token.command'

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
