import { Command, CommanderError } from 'commander'
import { version } from '../runtime/package-info.ts'
import { printError } from './print.ts'
import { registerSubcommands } from './subcommands.ts'

const program = new Command('headwater')
  .description(
    'Event-sourced services on NATS JetStream: commands, projections in PostgreSQL, a graph of state and history',
  )
  .version(version)
  .showHelpAfterError('(add --help for what there is)')
  .exitOverride()

// `headwater tail | head` closes the pipe: that is the reader's way to say enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1)
})

// Node would print what the error carries as well: of an address that is none, the whole address.
process.on('uncaughtException', (error) => {
  printError(error)
  process.exit(1)
})

try {
  await registerSubcommands(program, process.argv[2])
  await program.parseAsync()
} catch (error) {
  // Commander has said what is wrong with the arguments already.
  if (error instanceof CommanderError) process.exitCode = error.exitCode
  else {
    printError(error)
    process.exitCode = 1
  }
}
