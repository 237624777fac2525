import { randomUUID } from 'node:crypto'
import { composeServices } from '@theguild/federation-composition'
import { parse } from 'graphql/index.js'
import { createGateway } from '../../../src/graph/gateway/gateway.ts'
import { createHttpSubgraph } from '../../../src/graph/gateway/transport/http-subgraph.ts'

export interface Routed {
  readonly url: string
  /** As the subgraph says it is. */
  readonly sdl: string
}

/**
 * In place of Apollo's router: our gateway, over a supergraph that @theguild/federation-composition has made of what the
 * subgraphs say. They are asked over HTTP.
 *
 * @throws Error when they do not compose
 */
export async function startRouter(subgraphs: Readonly<Record<string, Routed>>) {
  const services = Object.entries(subgraphs).map(([name, { url, sdl }]) => ({
    name,
    url,
    typeDefs: parse(sdl),
  }))
  const { supergraphSdl, errors = [] } = composeServices(services)
  if (supergraphSdl === undefined) throw new Error(errors.map(({ message }) => message).join('\n'))
  const gateway = await createGateway({
    supergraphSdl,
    subgraphs: (name, url) => createHttpSubgraph({ name, url }),
  })
  return {
    schema: gateway.schema,
    /** The data of an answer without errors. */
    async ask(query: string): Promise<unknown> {
      const request = {
        id: randomUUID(),
        headers: {},
        caller: undefined,
        signal: new AbortController().signal,
        resolved: () => undefined,
      }
      const { data, errors } = await gateway.execute({ document: parse(query), variables: {}, request })
      if (errors && errors.length > 0) throw new AggregateError(errors, query)
      return data
    },
    close: () => gateway.close(),
  }
}
