import react from '@vitejs/plugin-react'
import { defineConfig, loadEnv } from 'vite'

/** The page asks the server that it comes from, which passes on to Flowthrough: so no other site's page has to be allowed there (CORS). */
export default defineConfig(({ mode }) => {
  const { FLOWTHROUGH_URL = 'http://127.0.0.1:4000' } = loadEnv(mode, '.', 'FLOWTHROUGH_')
  const proxy = { '/graphql': { target: FLOWTHROUGH_URL, changeOrigin: true } }
  return { plugins: [react()], server: { proxy }, preview: { proxy } }
})
