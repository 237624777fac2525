import { execFileSync } from 'node:child_process'
import { Command } from 'commander'
import { expect, test } from 'vitest'
import { registerSubcommands } from '../../src/cli/subcommands.ts'
import { RUN_LIMIT_MS, root } from '../support/child.ts'

const namesOf = (program: Command) => program.commands.map((command) => command.name())

async function registered(name?: string): Promise<string[]> {
  const program = new Command()
  await registerSubcommands(program, name)
  return namesOf(program)
}

test('each subcommand is there by its name; all are where none is named, or none that there is', async () => {
  const all = await registered()
  expect(all).toEqual(expect.arrayContaining(['start', 'command', 'feed', 'reactors', 'new']))
  expect(new Set(all).size).toBe(all.length)
  expect(await registered('--help')).toEqual(all)
  expect(await registered('comand')).toEqual(all)
  for (const name of all) expect(await registered(name)).toEqual([name])
})

test('one that is asked for loads no other', () => {
  const script = `
    import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
    const { registerSubcommands } = await import('./src/cli/subcommands.ts')
    const { Command } = await import('commander')
    await registerSubcommands(new Command(), 'config')
    console.log(loaded.filter((url) => url.includes('/src/')).map((url) => url.split('/src/')[1]).join())`
  const loaded = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: root,
    encoding: 'utf8',
    timeout: RUN_LIMIT_MS,
  })
    .trim()
    .split(',')
  expect(loaded).toEqual(expect.arrayContaining(['cli/subcommands.ts', 'cli/config.ts']))
  expect(loaded.filter((file) => /^(graph|projections|commands)\//.test(file))).toEqual([])
  expect(loaded).not.toContain('cli/start.ts')
})
