/** Runs commands one after another, all of them even when one fails, and says at the end which did. */
import { giveUp, runNode } from './project.mjs'

/** @param {{ name: string, args: string[], environment?: Record<string, string> }[]} steps Node's arguments for each. */
export async function runSteps(steps) {
  const failed = []
  for (const { name, args, environment } of steps) {
    process.stderr.write(`\n── ${name}\n`)
    const start = performance.now()
    const exitCode = await runNode(args, environment)
    process.stderr.write(`── ${name}: ${exitCode === 0 ? 'passed' : 'FAILED'} in ${((performance.now() - start) / 1000).toFixed(1)} s\n`)
    if (exitCode !== 0) failed.push(name)
  }
  if (failed.length > 0) giveUp(`\nFailed: ${failed.join('; ')}.`)
  process.stderr.write('\nAll passed.\n')
}
