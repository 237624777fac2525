import type { Command } from 'commander'
import { loadConfig } from '../runtime/config/index.ts'
import { loadContexts } from '../runtime/load-contexts.ts'
import { runUntilSignal } from '../runtime/run-until-signal.ts'
import { printWelcome } from './welcome.ts'

/** `headwater start`: the whole service in this process, with embedded servers unless the configuration names others. */
export function registerStart(program: Command): void {
  program
    .command('start')
    .description(
      'start the service: commands, projections and the graph; and NATS and PostgreSQL where none is configured',
    )
    .option('--port <port>', 'the HTTP port')
    .action(async ({ port }: { port?: string }) => {
      const { config } = loadConfig(port === undefined ? {} : { overrides: { http: { port } } })
      // Here and not above: the other subcommands need none of it, and start in half the time.
      const { startService } = await import('../runtime/service.ts')
      const contexts = await loadContexts(config.contexts)
      await runUntilSignal(
        () => startService({ config, contexts }),
        (service) =>
          printWelcome(
            service,
            contexts.map(({ name }) => name),
          ),
      )
    })
}
