/** Compiles the server with swc: src to dist, file by file, with source maps. Types are checked by `npm run check`. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import swc from '@swc/core'
import { ROOT } from './project.mjs'

const SRC = path.join(ROOT, 'src')
const DIST = path.join(ROOT, 'dist')

/** What tsc emits from tsconfig.json: ES2023 as CommonJS, legacy decorators, and fields that are declared are defined. */
const OPTIONS = {
  cwd: ROOT,
  swcrc: false,
  configFile: false,
  sourceMaps: true,
  inlineSourcesContent: false,
  module: { type: 'commonjs' },
  jsc: {
    target: 'es2023',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: false, useDefineForClassFields: true },
  },
}

const written = new Set((await Promise.all(filesIn(SRC).map(compile))).flat())
// An entity or a migration whose source is gone must not be found.
for (const file of filesIn(DIST)) if (!isOfAnotherPart(file) && !written.has(file)) rmSync(path.join(DIST, file))

/** @returns the files that came of it, relative to dist */
async function compile(file) {
  if (!file.endsWith('.ts')) return [write(file, readFileSync(path.join(SRC, file), 'utf8'))]
  const target = file.replace(/\.ts$/, '.js')
  const sourceFileName = path.relative(path.dirname(path.join(DIST, target)), path.join(SRC, file))
  const { code, map } = await swc.transformFile(path.join(SRC, file), { ...OPTIONS, sourceFileName })
  return [write(target, `${code}//# sourceMappingURL=${path.basename(target)}.map\n`), write(`${target}.map`, map)]
}

/** Leaves a file alone that has the content already: a server may be running from it. */
function write(file, content) {
  const location = path.join(DIST, file)
  if (existsSync(location) && readFileSync(location, 'utf8') === content) return file
  mkdirSync(path.dirname(location), { recursive: true })
  writeFileSync(location, content)
  return file
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => path.relative(folder, path.join(entry.parentPath, entry.name)))
}

/** The pages, and the stamps of the build. */
function isOfAnotherPart(file) {
  return file.startsWith(`web${path.sep}`) || file.startsWith('.')
}
