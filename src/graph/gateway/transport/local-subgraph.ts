import {
  type ExecutionResult,
  type GraphQLSchema,
  createSourceEventStream,
  execute,
  getOperationAST,
  getVariableValues,
} from 'graphql/index.js'
import { formatError } from '../../format-error.ts'
import type { GatewayRequest, Subgraph, SubgraphRequest, SubgraphResult } from '../subgraph.ts'
import { createCompiler } from './compile-operation.ts'
import { whileWanted } from './while-wanted.ts'

export interface LocalSubgraphOptions<Context extends object> {
  readonly name: string
  readonly schema: GraphQLSchema
  /** What resolvers get. One request may be given several times; each event of a subscription is one of its own. */
  readonly contextOf: (request: GatewayRequest) => Context
  /** `extensions.headwater` of what has been answered to a request; nothing when undefined. */
  readonly extensionsOf?: (request: GatewayRequest) => Readonly<Record<string, unknown>> | undefined
  /** Has the data of some queries without executing them, as that would have given it; undefined of the others. */
  readonly read?: (
    asked: SubgraphRequest,
    context: Context,
  ) => Promise<Readonly<Record<string, unknown>> | undefined>
  /** Hears of errors whose cause the client is not told. */
  readonly report: (error: unknown) => void
}

/** A subgraph in this process, executed without a hop. It is trusted: what it plans and asks is the gateway's own. */
export function createLocalSubgraph<Context extends object>({
  name,
  schema,
  contextOf,
  extensionsOf,
  read,
  report,
}: LocalSubgraphOptions<Context>): Subgraph {
  const compile = createCompiler(schema)

  /** As it would have come over HTTP: errors formatted, and without what only this process may see. */
  function resultOf({ data, errors }: ExecutionResult, request: GatewayRequest): SubgraphResult {
    const said = extensionsOf?.(request)
    return {
      ...(data !== undefined && { data }),
      ...(errors && { errors: errors.map((error) => formatError(error, request.id, report)) }),
      ...(said && { extensions: { headwater: said } }),
    }
  }

  /** Coerced here, for graphql-jit (0.8) does not know the default of an input field that must not be null. */
  function coerced({ operation: { document }, variables }: SubgraphRequest) {
    const definitions = getOperationAST(document)?.variableDefinitions ?? []
    return getVariableValues(schema, definitions, variables, { maxErrors: 50 })
  }

  return {
    name,
    async execute(asked) {
      const { request, operation } = asked
      const context = contextOf(request)
      const data = await read?.(asked, context)
      if (data) return resultOf({ data }, request)
      const { coerced: variables, errors } = coerced(asked)
      if (errors) return resultOf({ errors }, request)
      return resultOf(await compile(operation)(context, variables), request)
    },
    async *subscribe(asked) {
      const { request, operation } = asked
      const { document } = operation
      const { coerced: variableValues, errors } = coerced(asked)
      const args = { schema, document, variableValues }
      const first = { ...request }
      const contextValue = contextOf(first)
      const source = errors ? { errors } : await createSourceEventStream({ ...args, contextValue })
      if (!(Symbol.asyncIterator in source)) return yield resultOf(source, first)
      for await (const rootValue of whileWanted(source, request.signal)) {
        // Anew for each: what was loaded for the event before may have changed.
        const own = { ...request }
        yield resultOf(await execute({ ...args, contextValue: contextOf(own), rootValue }), own)
      }
      return undefined
    },
    close: async () => {},
  }
}
