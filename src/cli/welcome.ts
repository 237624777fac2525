import { existsSync } from 'node:fs'
import { styleText } from 'node:util'
import { type Config, maskUrl } from '../runtime/config/index.ts'
import { type Context, SAGAS } from '../runtime/define-context.ts'
import type { Service } from '../runtime/service.ts'
import { print } from './print.ts'

const SAMPLE = 'samples/orders.ndjson'
const TEA = '"currency":"EUR","items":[{"sku":"tea","quantity":2,"unitPrice":"4.50"}]'

/**
 * Says what runs where, and what to type next; nothing where standard output is to be lines of JSON.
 * @param contexts those that are served
 */
export function printWelcome(
  { endpoints }: Pick<Service, 'endpoints'>,
  contexts: readonly Context[],
  { http: { graphiql }, log: { format } }: Pick<Config, 'http' | 'log'>,
): void {
  if (format === 'json') return
  const dim = (text: string) => styleText('dim', text)
  const next = [...firstCommands(contexts), 'npx headwater projections status', 'npx headwater --help']
  print(`
  Headwater is up.

    GraphQL     ${endpoints.graph}${graphiql ? dim('   (open it in a browser for GraphiQL)') : ''}
    NATS        ${maskUrl(endpoints.nats)}
    PostgreSQL  ${maskUrl(endpoints.postgres)}   ${dim('(with its password in .headwater/endpoints.json)')}

  In another terminal:

${next.map((line) => `    ${line}`).join('\n')}

  Ctrl-C stops everything; the data stays.
`)
}

/** Of the shop that comes along a whole story; of a domain of one's own its first command, whose data nobody can guess. */
function firstCommands(contexts: readonly Context[]): string[] {
  const names = contexts.map(({ name }) => name)
  if (names.includes('orders')) {
    const isWhole = ['inventory', 'payments', 'shipping', SAGAS].every((name) => names.includes(name))
    return [
      `npx headwater command order o-1 create '{"customerId":"c-1",${TEA}}'`,
      'npx headwater history order o-1',
      ...(isWhole ? CHECKOUT : []),
      ...(existsSync(SAMPLE) ? [`npx headwater send ${SAMPLE}`] : []),
    ]
  }
  const aggregate = contexts.find(({ aggregates, name }) => name !== SAGAS && aggregates.length > 0)
    ?.aggregates[0]
  const [command] = Object.keys(aggregate?.commands ?? {})
  return [
    ...(aggregate && command !== undefined
      ? [`npx headwater command ${aggregate.name} <id> ${command} '<JSON>'`]
      : []),
    'npx headwater tail',
  ]
}

/** A saga over five contexts, and what it did. */
const CHECKOUT = [
  `npx headwater command product tea add '{"name":"Sencha","price":"4.50","currency":"EUR","stock":100}'`,
  `npx headwater command checkout c-1 start --wait '{"customerId":"c-1",${TEA},"method":"card","address":{"city":"Porto","postalCode":"4000-001","country":"PT"}}'`,
  'npx headwater sagas show c-1',
]
