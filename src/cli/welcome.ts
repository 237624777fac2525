import { styleText } from 'node:util'
import type { Service } from '../runtime/service.ts'
import { print } from './print.ts'

/** Says what runs where, and what to type next. */
export function printWelcome({ endpoints }: Pick<Service, 'endpoints'>): void {
  const dim = (text: string) => styleText('dim', text)
  const masked = endpoints.postgres.replace(/:[^:@/]*@/, ':***@')
  print(`
  Headwater is up.

    GraphQL     ${endpoints.graph}   ${dim('(open it in a browser for GraphiQL)')}
    NATS        ${endpoints.nats}
    PostgreSQL  ${masked}   ${dim('(with its password in .headwater/endpoints.json)')}

  In another terminal:

    npx headwater command order o-1 create '{"customerId":"c-1","currency":"EUR","items":[{"sku":"tea","quantity":2,"unitPrice":"4.50"}]}'
    npx headwater history order o-1
    npx headwater send samples/orders.ndjson

  Ctrl-C stops everything; the data stays.
`)
}
