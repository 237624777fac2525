import type { Command } from 'commander'
import { styleText } from 'node:util'
import { loadConfig } from '../runtime/config/index.ts'
import { loadContexts, loadIdentify } from '../runtime/load-contexts.ts'
import { runUntilSignal } from '../runtime/run-until-signal.ts'
import { print } from './print.ts'

/** `headwater gateway`: one graph over subgraphs that run elsewhere, in this process. */
export function registerGateway(program: Command): void {
  program
    .command('gateway')
    .description(
      'start a gateway: one graph over the subgraphs of headwater.toml, or of a composed supergraph',
    )
    .option('--supergraph <file>', 'serve this supergraph (SDL), whoever has composed it')
    .option('--port <port>', 'the HTTP port')
    .action(async ({ supergraph, port }: { supergraph?: string; port?: string }) => {
      const { config } = loadConfig({
        overrides: {
          ...(port !== undefined && { http: { port } }),
          ...(supergraph !== undefined && { gateway: { supergraph } }),
        },
      })
      // Here and not above: the other subcommands need none of it, and start in half the time.
      const { startGateway } = await import('../runtime/gateway-service.ts')
      const contexts = await loadContexts(config.contexts)
      const identify = await loadIdentify(config.contexts)
      await runUntilSignal(
        (signal) => startGateway({ config, contexts, identify, signal }),
        ({ url, subgraphs }) =>
          print(`
  The gateway is up.

    GraphQL     ${url}   ${styleText('dim', '(open it in a browser for GraphiQL)')}
    Subgraphs   ${subgraphs.join(', ')}

  Ctrl-C stops it. \`npx headwater graph status --url ${new URL(url).origin}\` says how each subgraph is reached.
`),
      )
    })
}
