import {
  type DocumentNode,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  Kind,
  isObjectType,
} from 'graphql/index.js'
import { type Tree, isTree } from './execution/tree.ts'
import type { Gateway, GatewayAnswer, GatewayOperation } from './gateway.ts'
import { placeErrors } from './place-errors.ts'
import type { GatewayRequest } from './subgraph.ts'

/** The context of whoever executes the gateway's schema as any other, with graphql-js or compiled. */
export interface GatewayContext {
  readonly gatewayRequest: GatewayRequest
}

/**
 * Gives a schema resolvers: those of root types run the whole operation, once in each execution, and all others read what
 * has come under their response key. It costs a second completion; WebSocket and SSE are served this way, like any schema.
 */
export function makeExecutable(schema: GraphQLSchema, gateway: Pick<Gateway, 'execute' | 'subscribe'>): void {
  const documents = new WeakMap<object, DocumentNode>()
  /** graphql-js and graphql-jit both have one object of variables for each execution. */
  const executions = new WeakMap<object, Promise<Tree>>()

  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) field.resolve = readKey
  }
  for (const type of [schema.getQueryType(), schema.getMutationType()]) {
    for (const field of Object.values(type?.getFields() ?? {})) {
      field.resolve = async (_, __, context, info) => readKey(await run(context, info), __, context, info)
    }
  }
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
    field.subscribe = async (_, __, context, info) =>
      trees(await gateway.subscribe(operationOf(context, info)))
  }

  function run(context: unknown, info: GraphQLResolveInfo): Promise<Tree> {
    const known = executions.get(info.variableValues)
    if (known) return known
    const running = gateway.execute(operationOf(context, info)).then(placeErrors)
    executions.set(info.variableValues, running)
    return running
  }

  function operationOf(context: unknown, info: GraphQLResolveInfo): GatewayOperation {
    const { operation, fragments, variableValues: variables } = info
    const document = documents.get(operation) ?? {
      kind: Kind.DOCUMENT,
      definitions: [operation, ...Object.values(fragments)],
    }
    documents.set(operation, document)
    const request = requestIn(context)
    return { document, operationName: operation.name?.value, variables, request, isTyped: true }
  }
}

function readKey(parent: unknown, _: unknown, __: unknown, { path }: GraphQLResolveInfo): unknown {
  return isTree(parent) ? parent[path.key] : undefined
}

function trees(answers: AsyncIterableIterator<GatewayAnswer>): AsyncIterableIterator<Tree> {
  return {
    async next() {
      const { value, done } = await answers.next()
      return done === true ? { done, value: undefined } : { done: false, value: placeErrors(value) }
    },
    async return() {
      await answers.return?.()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

function requestIn(context: unknown): GatewayRequest {
  if (isGatewayContext(context)) return context.gatewayRequest
  throw new TypeError('The schema of a gateway is executed without a GatewayContext')
}

function isGatewayContext(context: unknown): context is GatewayContext {
  return typeof context === 'object' && context !== null && 'gatewayRequest' in context
}
