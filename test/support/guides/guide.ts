import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

const GUIDES = path.resolve(__dirname, '../../../docs/guides')

/** A fenced block of a guide. */
export interface Block {
  /** File name of the guide. */
  guide: string
  /** Of its first line in the guide, from 1. */
  line: number
  language: string
  /** Without the indent of a list that it stands in. */
  text: string
  /** The last line of prose before it; empty when a heading or another block is nearer. */
  lead: string
}

/** What a reader sends or runs, with what the guide shows of its answer. */
export interface Command extends Block {
  language: 'graphql' | 'sh' | 'js'
  /** The JSON that follows under `Variables:`. */
  variables: string | null
  /** The JSON that follows next, in the same section: an answer by way of example. */
  answer: string | null
}

const COMMAND_LANGUAGES = ['graphql', 'sh', 'js']
/** What is shown, and neither sent nor run. A command may not hide under the name of another language. */
const OTHER_LANGUAGES = ['json', 'csv', 'text']

export function guides(): string[] {
  return readdirSync(GUIDES)
    .filter(file => file.endsWith('.md'))
    .sort()
}

export function textOf(guide: string): string {
  return readFileSync(path.join(GUIDES, guide), 'utf8')
}

/** @throws Error for a language of which nobody knows whether a reader would run it */
export function commandsOf(guide: string): Command[] {
  const blocks = blocksOf(guide)
  const commands: Command[] = []
  let current: Command | null = null
  for (const block of blocks) {
    if (block === 'HEADING') {
      current = null
      continue
    }
    if (COMMAND_LANGUAGES.includes(block.language)) {
      current = { ...(block as Block & Pick<Command, 'language'>), variables: null, answer: null }
      commands.push(current)
    } else if (!OTHER_LANGUAGES.includes(block.language)) {
      const known = [...COMMAND_LANGUAGES, ...OTHER_LANGUAGES].join(', ')
      throw new Error(`${guide}:${block.line} is in "${block.language}"; use one of ${known}.`)
    } else if (block.language === 'json' && current && /variables:$/i.test(block.lead)) current.variables = block.text
    else {
      if (block.language === 'json' && current) current.answer = block.text
      current = null
    }
  }
  return commands
}

/** The CSV files of a guide. */
export function csvOf(guide: string): string[] {
  return blocksOf(guide).flatMap(block => (block !== 'HEADING' && block.language === 'csv' ? [block.text] : []))
}

function blocksOf(guide: string): (Block | 'HEADING')[] {
  const found: (Block | 'HEADING')[] = []
  let open: (Block & { indent: string }) | null = null
  let lead = ''
  for (const [index, line] of textOf(guide).split('\n').entries()) {
    const [, indent = '', language = ''] = /^( *)```(\w*)$/.exec(line) ?? []
    const isFence = line.trimStart().startsWith('```')
    if (open) {
      if (isFence && language === '') {
        const { indent: _, ...block } = open
        found.push(block)
        open = null
        lead = ''
      } else open.text += `${line.startsWith(open.indent) ? line.slice(open.indent.length) : line}\n`
    } else if (isFence) open = { guide, line: index + 2, language, text: '', lead, indent }
    else if (/^#+ /.test(line)) {
      found.push('HEADING')
      lead = ''
    } else if (line.trim() !== '') lead = line.trim()
  }
  if (open) throw new Error(`The block at ${guide}:${open.line} does not end.`)
  return found
}

/**
 * Compares an answer with the one that a guide shows: the same keys, values of the same types, the same codes and estimated costs. A null
 * of the guide stands for whatever may be missing; of lists the entries that the guide shows are compared. At the top a guide may leave
 * keys out.
 * @returns what is different, by path; empty when the guide is right
 */
export function differences(shown: unknown, answered: unknown, place = ''): string[] {
  if (shown === null) return []
  if (Array.isArray(shown)) {
    if (!Array.isArray(answered)) return [`${place} is no list`]
    if ((shown.length === 0) !== (answered.length === 0)) return [`${place} has ${answered.length} entries, ${shown.length} are shown`]
    return shown.slice(0, answered.length).flatMap((each, index) => differences(each, answered[index], `${place}[${index}]`))
  }
  if (typeof shown === 'object') {
    if (typeof answered !== 'object' || answered === null || Array.isArray(answered)) return [`${place} is no object`]
    const known = Object.keys(shown)
    const missing = known.filter(key => !(key in answered)).map(key => `${place}.${key} is missing`)
    const more = place === '' ? [] : Object.keys(answered).filter(key => !(key in shown))
    return [
      ...missing,
      ...more.map(key => `${place}.${key} is not shown`),
      ...Object.entries(shown).flatMap(([key, value]) =>
        key in answered ? differences(value, (answered as Record<string, unknown>)[key], `${place}.${key}`) : [],
      ),
    ]
  }
  if (typeof shown !== typeof answered) return [`${place} is ${JSON.stringify(answered)}, ${JSON.stringify(shown)} is shown`]
  if (/\.(code|estimated)$/.test(place) && shown !== answered) return [`${place} is ${String(answered)}, ${String(shown)} is shown`]
  return []
}

/** Everything that an answer complains about: its top-level `errors`, and `userErrors` wherever they are. */
export function complaintsIn(answer: unknown): unknown[] {
  const { errors = [] } = (answer ?? {}) as { errors?: unknown }
  return [...(Array.isArray(errors) ? errors : []), ...userErrorsIn(answer)] as unknown[]
}

function userErrorsIn(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, each]) =>
    key === 'userErrors' && Array.isArray(each) ? (each as unknown[]) : userErrorsIn(each),
  )
}
