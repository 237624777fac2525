import { basicAuthorization } from '../../graph/gateway/transport/basic-authorization.ts'
import {
  type SchemaSource,
  ownSchema,
  remoteSchema,
  schemaFile,
} from '../../graph/supergraph/schema-source.ts'
import { HeadwaterError } from '../../streams/errors.ts'
import type { Config } from '../config/index.ts'
import type { OwnSubgraph } from './own-subgraphs.ts'

/**
 * Where the schema of each subgraph comes from: the contexts that are served here, and what is configured.
 * @throws HeadwaterError FEDERATION_INVALID when there is neither an address nor a file nor a context of that name
 */
export function schemaSources(
  { gateway, federation: { subgraphs } }: Config,
  served: readonly OwnSubgraph[],
): SchemaSource[] {
  if (served.length === 0 && subgraphs.length === 0) {
    throw new HeadwaterError({
      code: 'FEDERATION_INVALID',
      status: 500,
      detail:
        'There is no subgraph to make a graph of: name them in [[federation.subgraphs]] of headwater.toml, or give a composed graph with --supergraph FILE',
    })
  }
  const here = new Set(served.map(({ name }) => name))
  return [
    ...served.map(({ name, sdl }) => ownSchema(name, sdl)),
    ...subgraphs
      .filter(({ name }) => !here.has(name))
      .map(({ name, graphqlUrl, schema }) => {
        if (schema !== undefined) return schemaFile(name, graphqlUrl ?? '', schema)
        if (graphqlUrl !== undefined) {
          const { timeoutMs, maxResponseBytes: maxBytes } = gateway
          const authorization = basicAuthorization(new URL(graphqlUrl))
          const headers = authorization === undefined ? {} : { authorization }
          return remoteSchema({ name, url: graphqlUrl, headers, timeoutMs, maxBytes })
        }
        throw new HeadwaterError({
          code: 'FEDERATION_INVALID',
          status: 500,
          detail: `The subgraph ${name} is not served here, and has neither graphql_url nor schema: give it one of them`,
        })
      }),
  ]
}
