import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const PROJECT = path.resolve(__dirname, '../../..')
const GUIDE = readFileSync(path.join(PROJECT, 'docs/guides/federating.md'), 'utf8')

/** The text of each block in a language, such as `sh`, in the order of the guide. */
export function blocksOfGuide(language: string): string[] {
  return [...GUIDE.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'gm'))].map(([, text = '']) => text)
}

/**
 * A folder with the files of the guide to federating, each as it is written but for the replacements. It is within the project, whose
 * packages the programs find.
 */
export function writeGuidePrograms(replacements: Record<string, string>): string {
  const cache = path.join(PROJECT, '.cache')
  mkdirSync(cache, { recursive: true })
  const directory = mkdtempSync(path.join(cache, 'federating-'))
  for (const text of ['graphqls', 'js'].flatMap(blocksOfGuide)) {
    const [, file] = /^(?:#|\/\/) (\S+)\n/.exec(text) ?? []
    if (!file) throw new Error(`A file of the guide begins with its name, unlike this one: ${text}`)
    writeFileSync(path.join(directory, file), replaced(text, replacements))
  }
  return directory
}

export function replaced(text: string, replacements: Record<string, string>): string {
  // In one go: a port that was put in may have the digits of another that is to be replaced.
  return text.replaceAll(new RegExp(Object.keys(replacements).join('|'), 'g'), what => replacements[what] ?? what)
}
