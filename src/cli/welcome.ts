import { existsSync } from 'node:fs'
import { styleText } from 'node:util'
import { maskUrl } from '../runtime/config/index.ts'
import type { Service } from '../runtime/service.ts'
import { print } from './print.ts'

const SAMPLE = 'samples/orders.ndjson'

/**
 * Says what runs where, and what to type next.
 * @param contexts the names of those that are served
 */
export function printWelcome({ endpoints }: Pick<Service, 'endpoints'>, contexts: readonly string[]): void {
  const dim = (text: string) => styleText('dim', text)
  const next = contexts.includes('orders')
    ? [
        `npx headwater command order o-1 create '{"customerId":"c-1","currency":"EUR","items":[{"sku":"tea","quantity":2,"unitPrice":"4.50"}]}'`,
        'npx headwater history order o-1',
        ...(existsSync(SAMPLE) ? [`npx headwater send ${SAMPLE}`] : []),
      ]
    : ['npx headwater tail', 'npx headwater projections status']
  print(`
  Headwater is up.

    GraphQL     ${endpoints.graph}   ${dim('(open it in a browser for GraphiQL)')}
    NATS        ${maskUrl(endpoints.nats)}
    PostgreSQL  ${maskUrl(endpoints.postgres)}   ${dim('(with its password in .headwater/endpoints.json)')}

  In another terminal:

${next.map((line) => `    ${line}`).join('\n')}

  Ctrl-C stops everything; the data stays.
`)
}
