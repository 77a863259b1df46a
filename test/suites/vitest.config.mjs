import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['*.suite.mjs'],
    // The build as it ships, not as vite would rewrite it.
    server: { deps: { external: [/\/dist\//] } },
  },
})
