import type { Command } from 'commander'
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { HeadwaterError } from '../streams/errors.ts'
import { print } from './print.ts'
import { domainNames } from './scaffold/names.ts'
import { planDomain } from './scaffold/plan.ts'

/** `headwater new domain gift-cards`: a working domain with its test, to be changed into one's own. */
export function registerNewDomain(program: Command): void {
  program
    .command('new')
    .description('make something new')
    .command('domain <name>')
    .description('write a working domain (aggregate, projection, graph, test, README) into this folder')
    .action((name: string) => {
      const { files, additions, next, readme } = planDomain(process.cwd(), domainNames(name))
      const there = [...files.keys()].filter((file) => existsSync(join(process.cwd(), file)))
      if (there.length > 0) {
        throw new HeadwaterError({
          code: 'ALREADY_THERE',
          status: 409,
          detail: `Nothing was written: ${there.join(', ')} would be overwritten`,
        })
      }
      for (const [file, text] of files) write(file, text)
      for (const [file, text] of additions) append(file, text)
      print(
        `\n  Next:\n${next.map((line) => `    ${line}`).join('\n')}\n\n  Then ${readme}: what to ask the graph, and a first change.\n`,
      )
    })
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(process.cwd(), file)), { recursive: true })
  writeFileSync(join(process.cwd(), file), text)
  print(`  wrote  ${file}`)
}

function append(file: string, text: string): void {
  const path = join(process.cwd(), file)
  const before = existsSync(path) ? readFileSync(path, 'utf8') : ''
  if (before.includes(text)) return
  mkdirSync(dirname(path), { recursive: true })
  appendFileSync(path, before === '' || before.endsWith('\n') ? text : `\n${text}`)
  print(`  ${before === '' ? 'wrote' : 'added to'}  ${file}`)
}
