import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

/** Each page: its folder under web/, and the path where the server mounts it. A page has its own build, because Vite knows one base a build. */
const pages: Record<string, string> = {
  playground: '/graphiql/',
  activation: '/activate/',
}

/** The page is the mode: `vite build -c web/vite.config.ts --mode playground`. Vite's own two modes mean the playground. */
export default defineConfig(({ mode }) => {
  const page = mode === 'production' || mode === 'development' ? 'playground' : mode
  const base = pages[page]
  if (!base) throw new Error(`There is no page "${page}". The pages are: ${Object.keys(pages).join(', ')}.`)
  return {
    root: path.resolve(import.meta.dirname, page),
    base,
    publicDir: false,
    plugins: [react(), compressedCopies()],
    // The server writes a fresh nonce over this word in each answer; see src/http/built-page.ts.
    html: { cspNonce: 'CSP_NONCE' },
    build: {
      outDir: path.resolve(import.meta.dirname, '../dist/web', page),
      emptyOutDir: true,
      target: 'es2022',
      // Monaco, the code editor, is one chunk of 2.8 MB (0.7 compressed), loaded after the page is drawn.
      chunkSizeWarningLimit: 3000,
      // GraphiQL's modules carry "use no memo", a word to a compiler that has already run over them.
      rolldownOptions: { checks: { moduleLevelDirective: false } },
    },
    worker: { format: 'es' },
    server: { proxy: { '/graphql': 'http://localhost:4000', '/activation/graphql': 'http://localhost:4000' } },
  }
})

/** Lays a gzipped copy beside each asset, for the server to send as it is: the playground's 7 MB are 2 MB then. */
function compressedCopies(): Plugin {
  return {
    name: 'compressed-copies',
    apply: 'build',
    async writeBundle({ dir = '' }) {
      const assets = path.join(dir, 'assets')
      for (const name of await readdir(assets)) {
        const file = path.join(assets, name)
        await writeFile(`${file}.gz`, await promisify(gzip)(await readFile(file), { level: 9 }))
      }
    },
  }
}
