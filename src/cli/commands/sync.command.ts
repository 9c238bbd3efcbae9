import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import type { DatabaseConfig } from '../../config/config'
import { lockForServing } from '../../database/sqlite/server-lock'
import { type Sync, SyncState } from '../../features/sync/sync.entity'
import { callAt, readSync, startSync } from '../../features/sync/sync.service'
import { takeStep } from '../../features/sync/run/sync-run'
import type { Platform } from '../../context/context'
import { type Simulator, startSimulator } from '../../simulator/simulator'
import { choosePartner, requireServersKey, withPlatform } from '../platform'
import { type Progress, startProgress } from '../progress'

/** A server does the next page within a second or two; when none does, nobody serves, and this process does it. */
const PATIENCE_MS = 3000
const LOOK_INTERVAL_MS = 100

export function syncCommand(): Command {
  return new Command('sync')
    .description('bring customers and users up to date from Webex, and show how it goes; again after a break, it goes on where it was')
    .option('--full', 'read everything, and find out who is gone; otherwise only what changed since the last time')
    .option('--allow-deletions', 'with --full: delete whom Webex does not have any more, however many they are')
    .option('--partner <partner>', 'ID or name of the partner; may be left out while there is one')
    .action(async ({ full = false, allowDeletions = false, partner }: { full?: boolean; allowDeletions?: boolean; partner?: string }) => {
      let simulator: Simulator | null = null
      const speakToWebex = async ({ config, logger }: Platform): Promise<void> => {
        if (config.simulates) simulator ??= await startSimulator({ ...config.simulator, logger })
      }
      await withPlatform(
        async platform => {
          const chosen = await choosePartner(platform, partner)
          requireServersKey(platform, chosen)
          const partnerId = chosen.id
          const began = await startSync(
            { ...platform, actor: { partnerId, name: 'command line', requestId: null } },
            { full, allowDeletions },
          )
          const isOurs = began && !mayBeServed(platform.config.database)
          const progress = startProgress('Synchronizing (subscribers)', null)
          const sync = await untilEnded(platform, { partnerId, isOurs, progress, speakToWebex }).finally(progress.stop)
          if (sync.state === SyncState.FAILED) throw new Error(sync.error ?? 'The sync failed.')
          process.stdout.write(`${summary(sync)}\n`)
        },
        () => simulator?.url ?? '',
      ).finally(() => simulator?.stop())
    })
}

interface Watch {
  partnerId: string
  /** Nobody else does the first step. */
  isOurs: boolean
  progress: Progress
  speakToWebex: (platform: Platform) => Promise<void>
}

/** Watches a run that a server does, and does it where none does. */
async function untilEnded(platform: Platform, { partnerId, isOurs, progress, speakToWebex }: Watch): Promise<Sync> {
  let ours: number | null = null
  for (;;) {
    const sync = await readSync(platform.database.reader, partnerId)
    progress.update(sync.subscribers)
    if (sync.state !== SyncState.RUNNING) return sync
    if (isOurs) ours ??= sync.revision
    // Who did the step before does this one.
    const patienceMs = sync.revision === ours ? 0 : PATIENCE_MS
    if (platform.clock.now().getTime() < callAt(sync) + patienceMs) await sleep(LOOK_INTERVAL_MS)
    else {
      await speakToWebex(platform)
      await takeStep(platform, sync, false)
      ours = sync.revision + 1
    }
  }
}

/** Of SQLite there is a sign of it, which is soon told; on PostgreSQL only patience can tell. */
function mayBeServed(database: DatabaseConfig): boolean {
  if (database.kind === 'postgres') return true
  const unlock = lockForServing(database.path)
  unlock?.()
  return unlock === null
}

function summary({ full, enterprises, subscribers, created, updated, deleted, skipped }: Sync): string {
  const read = full ? `${enterprises} enterprises and ${subscribers} subscribers` : `${subscribers} subscribers that may have changed`
  return `Read ${read}: ${created} users created, ${updated} updated, ${deleted} deleted; ${skipped} left alone.`
}
