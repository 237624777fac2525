import type { Command } from 'commander'
import { configToml, describeConfig, loadConfig } from '../runtime/config/index.ts'
import { print, printJson } from './print.ts'

/** `headwater config`: the effective configuration, where each value comes from, secrets masked. */
export function registerConfig(program: Command): void {
  program
    .command('config')
    .description(
      'print the effective configuration as TOML, with where each value comes from; secrets are masked',
    )
    .option('--json', 'print it as JSON rows of key, value and source')
    .action(({ json }: { json?: boolean }) => {
      const loaded = loadConfig({})
      if (json) printJson(describeConfig(loaded))
      else print(configToml(loaded).trimEnd())
    })
}
