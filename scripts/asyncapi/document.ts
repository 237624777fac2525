import type { Context } from '../../src/runtime/define-context.ts'
import { version } from '../../src/runtime/package-info.ts'
import { commandOf, replies } from './commands.ts'
import { schemas } from './envelopes.ts'
import { feedOf, logOf } from './events.ts'
import { type Part, together } from './part.ts'

const ABOUT = `Made by \`node scripts/make-docs.ts\` from the shipped contexts; do not edit.

Commands are requests over core NATS, answered by the service \`hw-commands\`; events are messages in JetStream streams. The first
token of every subject, \`hw\`, is the configured \`namespace\`; with another one the streams are called \`<namespace>_<STREAM>\`.
Programs of others read the feed (\`hw.feed.>\`): what is in the logs (\`hw.evt.>\`) is the service's own, and may change.`

/** docs/asyncapi.json: AsyncAPI 3.0. https://www.asyncapi.com/docs/reference/specification/v3.0.0 */
export function asyncapiDoc(contexts: readonly Context[]): string {
  const { channels, operations, messages, schemas: own } = together([replies, ...contexts.flatMap(partsOf)])
  const document = {
    asyncapi: '3.0.0',
    info: {
      title: 'Headwater: commands and events of the commerce domain',
      version,
      description: ABOUT,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers: {
      local: {
        host: '127.0.0.1:4222',
        protocol: 'nats',
        description: 'The server that `headwater start` embeds.',
      },
    },
    channels,
    operations,
    components: { schemas: { ...schemas, ...own }, messages },
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

/** The instances of sagas are aggregates of a context of their own. */
function partsOf({ name, aggregates, transactions, feeds }: Context): Part[] {
  const stream = name.toUpperCase()
  return [
    ...aggregates.map((aggregate) => logOf(aggregate, stream)),
    ...aggregates.flatMap((aggregate) =>
      Object.entries(aggregate.commands).map(([command, data]) =>
        commandOf(aggregate.name, command, data, `Command ${command} to ${aggregate.name}`),
      ),
    ),
    ...transactions.map(({ on, name: command, data, roles }) =>
      commandOf(
        on.name,
        command,
        data,
        `Command ${command} to ${Object.keys(roles).join(' and ')}, together`,
      ),
    ),
    ...feeds.flatMap(feedOf),
  ]
}
