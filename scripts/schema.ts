import { printSchema } from 'graphql/index.js'
import { composeSchema } from '../src/graph/compose.ts'
import type { Context } from '../src/runtime/define-context.ts'
import { graphsOf, ownSubgraphs } from '../src/runtime/federation/own-subgraphs.ts'

const HEAD = '# Made by `node scripts/make-docs.ts` from the shipped contexts; do not edit.\n\n'

/** The SDL of the shipped contexts by file: as clients see it, and the subgraph that each is to a gateway. */
export function schemaFiles(contexts: readonly Context[]): [path: string, text: string][] {
  const whole = printSchema(composeSchema(contexts.flatMap(graphsOf)))
  const subgraphs = Array.from(ownSubgraphs(contexts).values(), ({ name, sdl }): [string, string] => [
    `docs/schema/subgraphs/${name}.graphql`,
    HEAD + ended(sdl),
  ])
  return [['docs/schema/schema.graphql', HEAD + ended(whole)], ...subgraphs]
}

const ended = (text: string) => `${text.trim()}\n`
