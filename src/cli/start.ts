import type { Command } from 'commander'
import { loadConfig } from '../runtime/config/index.ts'
import { loadContexts, loadIdentify, servedOf } from '../runtime/load-contexts.ts'
import { runUntilSignal } from '../runtime/run-until-signal.ts'
import { contextNames } from './context-names.ts'
import { printWelcome } from './welcome.ts'

interface StartFlags {
  port?: string
  contexts?: string
  gateway: boolean
}

/** `headwater start`: the whole service in this process, with embedded servers unless the configuration names others. */
export function registerStart(program: Command): void {
  program
    .command('start')
    .description(
      'start the service: commands, projections and the graph; and NATS and PostgreSQL where none is configured',
    )
    .option('--port <port>', 'the HTTP port')
    .option('--contexts <names>', 'serve these contexts alone, such as orders,inventory')
    .option('--no-gateway', 'serve /graphql as a Federation 2 subgraph, for a gateway elsewhere')
    .action(async ({ port, contexts: names, gateway }: StartFlags) => {
      const { config } = loadConfig({
        overrides: {
          ...(port !== undefined && { http: { port } }),
          ...(names !== undefined && { contexts: { serve: contextNames(names) } }),
          ...(!gateway && { gateway: { enabled: false } }),
        },
      })
      // Here and not above: the other subcommands need none of it, and start in half the time.
      const { startService } = await import('../runtime/service.ts')
      const contexts = await loadContexts(config.contexts)
      const identify = await loadIdentify(config.contexts)
      await runUntilSignal(
        (signal) => startService({ config, contexts, identify, signal }),
        (service) => printWelcome(service, servedOf(contexts, config.contexts), config),
      )
    })
}
