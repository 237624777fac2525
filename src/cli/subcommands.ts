import type { Command } from 'commander'

type Register = (program: Command) => void

/**
 * The subcommands by their names, in the order in which the help tells them. Each is loaded when it is asked for: what all of
 * them need takes twice as long to load as what one needs.
 */
const SUBCOMMANDS: ReadonlyMap<string, () => Promise<Register>> = new Map([
  ['start', async () => (await import('./start.ts')).registerStart],
  ['gateway', async () => (await import('./gateway.ts')).registerGateway],
  ['send', async () => (await import('./send.ts')).registerSend],
  ['command', async () => (await import('./command.ts')).registerCommand],
  ['history', async () => (await import('./history.ts')).registerHistory],
  ['tail', async () => (await import('./tail.ts')).registerTail],
  ['projections', async () => (await import('./projections.ts')).registerProjections],
  ['feed', async () => (await import('./followers.ts')).registerFeed],
  ['reactors', async () => (await import('./followers.ts')).registerReactors],
  ['sagas', async () => (await import('./sagas.ts')).registerSagas],
  ['graph', async () => (await import('./graph.ts')).registerGraph],
  ['config', async () => (await import('./config.ts')).registerConfig],
  ['new', async () => (await import('./new-domain.ts')).registerNewDomain],
])

/** Makes the subcommand of that name known to the program; all of them where it is none of them, as in `--help`. */
export async function registerSubcommands(program: Command, name: string | undefined): Promise<void> {
  const named = name === undefined ? undefined : SUBCOMMANDS.get(name)
  const registers = await Promise.all((named ? [named] : [...SUBCOMMANDS.values()]).map((load) => load()))
  for (const register of registers) register(program)
}
