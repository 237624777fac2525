import { Command, CommanderError } from 'commander'
import { version } from '../runtime/package-info.ts'
import { registerCommand } from './command.ts'
import { registerConfig } from './config.ts'
import { registerFeed, registerReactors } from './followers.ts'
import { registerGateway } from './gateway.ts'
import { registerGraph } from './graph.ts'
import { registerHistory } from './history.ts'
import { registerNewDomain } from './new-domain.ts'
import { printError } from './print.ts'
import { registerProjections } from './projections.ts'
import { registerSagas } from './sagas.ts'
import { registerSend } from './send.ts'
import { registerStart } from './start.ts'
import { registerTail } from './tail.ts'

const program = new Command('headwater')
  .description(
    'Event-sourced services on NATS JetStream: commands, projections in PostgreSQL, a graph of state and history',
  )
  .version(version)
  .showHelpAfterError('(add --help for what there is)')
  .exitOverride()

for (const register of [
  registerStart,
  registerGateway,
  registerSend,
  registerCommand,
  registerHistory,
  registerTail,
  registerProjections,
  registerFeed,
  registerReactors,
  registerSagas,
  registerGraph,
  registerConfig,
  registerNewDomain,
]) {
  register(program)
}

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
  await program.parseAsync()
} catch (error) {
  // Commander has said what is wrong with the arguments already.
  if (error instanceof CommanderError) process.exitCode = error.exitCode
  else {
    printError(error)
    process.exitCode = 1
  }
}
