import { Command } from 'commander'
import { loadSimulatorConfig } from '../../config/config'
import { seedSimulator } from '../../features/demo-data/seed'
import { startSimulator } from '../../simulator/simulator'
import { createLogger } from '../../shared/logger'
import { wholeNumber } from '../arguments'
import { startProgress } from '../progress'

/** Any token is an organisation of its own in the simulator; this one is printed, so that everything can be pasted. */
const TOKEN = 'simulated-organization'

export function simulatorCommand(): Command {
  return new Command('simulator')
    .description('run the Webex simulator by itself, for a server in another terminal')
    .requiredOption('--port <number>', 'port to listen on; 0 takes a free one', wholeNumber(0, 65_535))
    .option('--users <number>', 'fill it with this many synthetic subscribers first', wholeNumber(1, 10_000_000))
    .action(async ({ port, users }: { port: number; users?: number }) => {
      const { simulator: settings, logLevel } = loadSimulatorConfig()
      if (users !== undefined) {
        const progress = startProgress('Seeding', users)
        seedSimulator(settings.databasePath, TOKEN, users, progress.update)
        progress.stop()
      }
      const simulator = await startSimulator({ ...settings, port, logger: createLogger(logLevel) })
      const stop = (): void => void simulator.stop().then(() => process.exit(0))
      process.on('SIGTERM', stop)
      process.on('SIGINT', stop)
      // Not before it can be told to stop.
      process.stdout.write(
        `Simulator  ${simulator.url}\nOutbox     ${simulator.url.replace(/\/v1$/, '')}/simulator/outbox\n` +
          `Use it     WEBEX_BASE_URL=${simulator.url} WEBEX_ACCESS_TOKEN=${TOKEN} npm start\n`,
      )
    })
}
