#!/usr/bin/env -S node --max-semi-space-size=16 --heap-growing-percent=60
// The two flags have V8 collect garbage sooner: a busy service peaks at half the memory (npm start has them too).
//
// The `headwater` command. In the repository it runs the sources, which needs the Node 24 that the repository brings;
// in a published package it runs what was built from them.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const at = (path) => fileURLToPath(new URL(path, import.meta.url))
const inRepository = existsSync(at('../src/cli/main.ts'))
const main = at(inRepository ? '../src/cli/main.ts' : '../dist/cli/main.js')
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const ownNode = at('../node_modules/node/bin/node')

if (inRepository ? major >= 24 : major > 22 || (major === 22 && minor >= 13)) {
  await import(`file://${main}`)
} else if (existsSync(ownNode)) {
  const child = spawn(ownNode, [...process.execArgv, main, ...process.argv.slice(2)], { stdio: 'inherit' })
  // The terminal sends its Ctrl-C to both; anything else is handed on.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
} else {
  console.error(
    inRepository
      ? 'headwater: run `npm install` here first: it brings the Node that Headwater runs on.'
      : `headwater: Node 22.13 or newer is needed; this is ${process.versions.node}. \`npm install --save-dev node@24\` gives the project one of its own, which npx takes.`,
  )
  process.exitCode = 1
}
