import { execFile } from 'node:child_process'
import path from 'node:path'

const PROJECT = path.resolve(__dirname, '../..')
const FIXTURES = path.join(PROJECT, 'test/fixtures/lint/src')

interface Complaint {
  ruleId: string
  message: string
}

let complaints: Record<string, Complaint[]>

// A process of its own: ESLint's configuration is an ES module, which Jest cannot load.
beforeAll(async () => {
  const answer = await new Promise<string>(resolve => {
    const args = ['node_modules/eslint/bin/eslint.js', '--no-ignore', '--format', 'json', FIXTURES]
    execFile(process.execPath, args, { cwd: PROJECT }, (_error, stdout, stderr) => resolve(stdout || stderr))
  })
  const files = JSON.parse(answer) as { filePath: string; messages: Complaint[] }[]
  complaints = Object.fromEntries(files.map(({ filePath, messages }) => [path.relative(FIXTURES, filePath), messages]))
}, 120_000)

/** The rules that a fixture breaks, in the order of its lines. */
function rulesBrokenBy(file: string): string[] | undefined {
  return complaints[file]?.map(({ ruleId }) => ruleId)
}

describe('the lint', () => {
  it('finds a cycle of imports at each of its members', () => {
    expect(rulesBrokenBy('shared/circle-one.ts')).toEqual(['import-x/no-cycle'])
    expect(rulesBrokenBy('shared/circle-two.ts')).toEqual(['import-x/no-cycle'])
  })

  it('finds an import from a lower layer of a higher one', () => {
    expect(rulesBrokenBy('shared/clock.ts')).toEqual(['import-x/no-restricted-paths'])
    expect(rulesBrokenBy('provisioning/gateway.ts')).toEqual(['import-x/no-restricted-paths'])
    expect(complaints['provisioning/gateway.ts']?.[0]?.message).toContain('provisioning may import only shared.')
  })

  it('finds an import from a feature of a feature above it', () => {
    expect(rulesBrokenBy('features/alpha/alpha.upward.ts')).toEqual(['import-x/no-restricted-paths'])
    expect(complaints['features/alpha/alpha.upward.ts']?.[0]?.message).toContain('alpha may not import a feature above it')
  })

  it("lets a feature use another's entity, and finds the use of its inputs", () => {
    const [complaint, ...others] = complaints['features/beta/beta.service.ts'] ?? []
    expect(others).toEqual([])
    expect(complaint?.ruleId).toBe('import-x/no-restricted-paths')
    expect(complaint?.message).toContain('alpha.inputs')
  })

  it('finds a look at the environment outside of the configuration', () => {
    expect(rulesBrokenBy('features/beta/beta.settings.ts')).toEqual(['no-restricted-imports', 'no-restricted-properties'])
  })

  it('finds an explicit any', () => {
    expect(rulesBrokenBy('shared/loose.ts')).toEqual(['@typescript-eslint/no-explicit-any'])
  })

  it('has nothing to say about what keeps the rules', () => {
    expect(rulesBrokenBy('features/alpha/alpha.entity.ts')).toEqual([])
    expect(rulesBrokenBy('features/alpha/alpha.inputs.ts')).toEqual([])
  })
})
