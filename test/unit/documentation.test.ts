import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { buildSchema, parse, validate } from 'graphql'
import ts from 'typescript'
import { SECRETS } from '../../src/config/secret-files'
import { settings } from '../../src/config/settings'

const PROJECT = path.resolve(__dirname, '../..')
const read = (file: string) => readFileSync(path.join(PROJECT, file), 'utf8')

const PAGES = [
  ...readdirSync(PROJECT),
  ...readdirSync(path.join(PROJECT, 'docs'), { recursive: true, encoding: 'utf8' }).map(file => `docs/${file}`),
]
  .filter(file => file.endsWith('.md'))
  .sort()
const schema = buildSchema(read('schema/schema.graphql'))
const schemas = [schema, buildSchema(read('schema/activation.graphql'))]

describe('every page of the documentation', () => {
  it.each(PAGES)('%s leads only to files and headings that are there', page => {
    const missing = linksOf(read(page)).filter(link => !leadsSomewhere(page, link))
    expect(missing).toEqual([])
  })

  it.each(PAGES)('%s shows only operations that the API knows', page => {
    const unknown = blocksOf(read(page), 'graphql').filter(block => schemas.every(each => validate(each, parse(block)).length > 0))
    expect(unknown).toEqual([])
  })

  it.each(PAGES)('%s names only npm commands that exist', page => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const named = [...read(page).matchAll(/\bnpm (?:run (?:--silent )?([\w:-]+)|(start|test)\b)/g)].map(match => match[1] ?? match[2])
    expect(named.filter(name => !(String(name) in scripts))).toEqual([])
  })
})

describe('README', () => {
  it('names every command of the command line', () => {
    const commands = readdirSync(path.join(PROJECT, 'src/cli/commands'))
      .map(file => /^(.+)\.command\.ts$/.exec(file)?.[1])
      .filter(name => name !== undefined)
    const named = tableOf(read('README.md'), 'command').map(([command]) => /^`([\w-]+)/.exec(command ?? '')?.[1])
    expect([...new Set(named)].sort()).toEqual([...commands, 'serve'].sort())
  })
})

describe('the page of the configuration', () => {
  const rows = tableOf(read('docs/reference/configuration.md'), 'setting').map(([name = '', ...cells]) => [plain(name), ...cells])

  it('explains exactly the settings that are read', () => {
    expect(rows.map(([name]) => name).sort()).toEqual(Object.keys(settings.shape).sort())
  })

  it.each(Object.entries(settings.parse({})).filter(([, value]) => value !== undefined))('tells the default of %s', (name, value) => {
    const [, told] = rows.find(([setting]) => setting === name) ?? []
    expect(plain(told ?? '')).toBe(String(value))
  })
})

describe('the list of secrets in files', () => {
  it('names exactly those that are read', () => {
    const [, section = ''] = /^## Secrets in files$(.*?)^## /ms.exec(read('docs/reference/configuration.md')) ?? []
    expect([...section.matchAll(/^- `(\w+)`$/gm)].map(match => match[1])).toEqual([...SECRETS])
  })
})

describe('the guide to the audit trail', () => {
  const [, list = ''] = /^- `action` is the name of the mutation, or one of ([^.]+)\./m.exec(read('docs/guides/audit-and-erasure.md')) ?? []
  const named = [...list.matchAll(/`(\w+)`/g)].map(match => match[1] ?? '')

  it('names every action that is no mutation, and no other', () => {
    const mutations = Object.keys(schema.getMutationType()?.getFields() ?? {})
    const written = [...actionsWritten()]
    expect(written).toEqual(expect.arrayContaining(['retryActivation', 'updateOnboardingTemplate', 'connectPartner', 'handOver']))
    expect(named.sort()).toEqual(written.filter(action => !mutations.includes(action)).sort())
  })
})

describe('the decisions', () => {
  const decisions = readdirSync(path.join(PROJECT, 'docs/adr')).sort()

  it('are numbered one after the other, in file and title', () => {
    const numbers = decisions.map((_, index) => String(index + 1).padStart(4, '0'))
    expect(decisions.map(file => file.slice(0, 4))).toEqual(numbers)
    expect(decisions.map(file => read(`docs/adr/${file}`).slice(0, 7))).toEqual(numbers.map(number => `# ${number}:`))
  })

  it.each(decisions)('%s is short and says context, decision and consequences', file => {
    const lines = read(`docs/adr/${file}`).trimEnd().split('\n')
    expect(lines.length).toBeLessThanOrEqual(60)
    expect(lines.filter(line => line.startsWith('## '))).toEqual(['## Context', '## Decision', '## Consequences'])
  })
})

/** Whatever the features give as `action`: as a property, and to a function that has a parameter of this name. */
function actionsWritten(): Set<string> {
  const features = readdirSync(path.join(PROJECT, 'src/features'), { recursive: true, encoding: 'utf8' }).filter(file =>
    file.endsWith('.ts'),
  )
  const sources = features.map(file => ts.createSourceFile(file, read(`src/features/${file}`), ts.ScriptTarget.Latest, true))
  const places = new Map<string, number>()
  visit(node => {
    if (!ts.isFunctionDeclaration(node) || !node.name) return
    const place = node.parameters.findIndex(({ name }) => name.getText() === 'action')
    if (place >= 0) places.set(node.name.text, place)
  })
  const actions = new Set<string>()
  visit(node => {
    if (ts.isPropertyAssignment(node) && node.name.getText() === 'action') collect(node.initializer)
    if (ts.isCallExpression(node)) collect(node.arguments[places.get(node.expression.getText()) ?? -1])
  })
  return actions

  function visit(look: (node: ts.Node) => void): void {
    const into = (node: ts.Node) => {
      look(node)
      ts.forEachChild(node, into)
    }
    sources.forEach(into)
  }

  /** Instructions for people are called so, too; they are whole sentences. */
  function collect(expression: ts.Expression | undefined): void {
    if (!expression) return
    if (ts.isStringLiteral(expression) && /^\w+$/.test(expression.text)) actions.add(expression.text)
    if (ts.isConditionalExpression(expression)) [expression.whenTrue, expression.whenFalse].forEach(collect)
  }
}

function blocksOf(markdown: string, language: string): string[] {
  return [...markdown.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(match => match[1] ?? '')
}

function linksOf(markdown: string): string[] {
  const prose = markdown.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(match => match[1] ?? '').filter(link => !/^[a-z]+:/.test(link))
}

function leadsSomewhere(page: string, link: string): boolean {
  const [file, heading] = link.split('#')
  const target = file ? path.join(path.dirname(page), file) : page
  if (!existsSync(path.join(PROJECT, target))) return false
  return !heading || headingsOf(read(target)).includes(heading)
}

/** As GitHub makes the anchor of a heading: lower case, without punctuation, dashes for spaces. */
function headingsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(match =>
    (match[1] ?? '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** The rows of the table whose first column has this heading, cell by cell. */
function tableOf(markdown: string, firstColumn: string): string[][] {
  const lines = markdown.split('\n')
  const header = lines.findIndex(line => new RegExp(`^\\| ${firstColumn} +\\|`).test(line))
  const rows = header < 0 ? [] : lines.slice(header + 2)
  const end = rows.findIndex(line => !line.startsWith('|'))
  return rows.slice(0, end < 0 ? undefined : end).map(line =>
    line
      .split('|')
      .slice(1, -1)
      .map(cell => cell.trim()),
  )
}

function plain(cell: string): string {
  return cell.replaceAll('`', '')
}
