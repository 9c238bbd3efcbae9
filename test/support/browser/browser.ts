import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { chromium, type Browser } from 'playwright-core'

/** The Chromium that comes in an npm package, so that the tests download no browser of their own. It resolves no name: only this machine is there. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: await unpackedChromium(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
    ],
  })
}

/**
 * Unpacks once, beside the project. The package unpacks into the folder for temporary files and takes a half-written browser there for a
 * whole one, so each process unpacks into a folder of its own and the first to finish renames it into place.
 */
async function unpackedChromium(): Promise<string> {
  const { version } = JSON.parse(await readFile(path.resolve(require.resolve('@sparticuz/chromium'), '../../../package.json'), 'utf8'))
  const folder = path.resolve(__dirname, '../../../.cache', `chromium-${version}`)
  const executable = path.join(folder, 'chromium')
  if (existsSync(executable)) return executable

  await mkdir(path.dirname(folder), { recursive: true })
  const unpacking = await mkdtemp(`${folder}-`)
  await promisify(execFile)(process.execPath, ['-e', "require('@sparticuz/chromium').executablePath()"], {
    cwd: __dirname,
    env: { ...process.env, TMPDIR: unpacking },
  })
  await rename(unpacking, folder).catch(async () => rm(unpacking, { recursive: true, force: true }))
  return executable
}
