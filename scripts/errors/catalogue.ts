import { cliErrors } from './cli.ts'
import { commandErrors } from './commands.ts'
import type { ErrorTable } from './entry.ts'
import { gatewayErrors } from './gateway.ts'
import { graphErrors } from './graph.ts'
import { limitErrors } from './limits.ts'
import { liveErrors } from './live.ts'
import { logErrors } from './log.ts'
import { projectionErrors } from './projections.ts'
import { sagaErrors } from './sagas.ts'
import { startErrors } from './start.ts'

/**
 * Every code of Headwater itself, in the order of docs/errors.md. `test/house/errors.test.ts` compares it with the sources:
 * none is missing, none is too many, and each has its status wherever it is given.
 */
export const catalogue: readonly { title: string; about: string; errors: ErrorTable }[] = [
  {
    title: 'Commands',
    about: 'In the reply to a command, and in `extensions` of a mutation.',
    errors: commandErrors,
  },
  { title: 'Sagas', about: 'Also as the reason in `Saga.reason` and in the steps.', errors: sagaErrors },
  { title: 'Queries and mutations', about: 'In `extensions` of a GraphQL error.', errors: graphErrors },
  {
    title: 'Limits of the graph',
    about: 'Before anything is run; `extensions` has what was `measured`, and the `limit`.',
    errors: limitErrors,
  },
  { title: 'Subscriptions', about: 'Over WebSocket and Server-Sent Events.', errors: liveErrors },
  { title: 'Gateway and federation', about: 'With `subgraph` where one is meant.', errors: gatewayErrors },
  {
    title: 'Projections',
    about: '`projections status`, the field `projections` and the log tell them.',
    errors: projectionErrors,
  },
  {
    title: 'The log, the feed and reactors',
    about: '`feed status`, `reactors status` and the log tell them.',
    errors: logErrors,
  },
  { title: 'Start', about: 'Printed before the process ends; `start` throws them.', errors: startErrors },
  { title: 'Command line', about: 'Printed by `headwater`, with exit code 1.', errors: cliErrors },
]
