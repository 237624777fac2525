import type { GraphQLError } from 'graphql/index.js'
import { Dispatcher } from 'undici'
import { invalidResult, passedOn, unanswered } from '../gateway/execution/client-errors.ts'
import { isTree } from '../gateway/execution/tree.ts'
import type { Subgraph, SubgraphResult } from '../gateway/subgraph.ts'
import { createOperationReader } from './engine-operations.ts'
import { markEntities } from './failed-entities.ts'
import { type Served, calls } from './served.ts'

/**
 * What the engine takes for a connection to a subgraph. It never was one: what would be sent is executed by the `Subgraph`,
 * however that is reached, with its time-outs, breakers and bounds, and without its address in an error.
 */
export class SubgraphDispatcher extends Dispatcher {
  readonly #subgraph: Subgraph
  readonly #read = createOperationReader()

  constructor(subgraph: Subgraph) {
    super()
    this.#subgraph = subgraph
  }

  override dispatch({ body }: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    // It ends by the request's signal: the engine itself aborts nothing.
    handler.onConnect?.(() => undefined)
    void this.#answer(typeof body === 'string' ? body : '')
      .then((text) => respond(handler, text))
      .catch((error: unknown) => handler.onError?.(error instanceof Error ? error : new Error(String(error))))
    return true
  }

  override close(): Promise<void>
  override close(callback: () => void): void
  /** The subgraph is closed by whoever has opened it. */
  override close(callback?: () => void): Promise<void> | void {
    return callback ? callback() : Promise.resolve()
  }

  /** The body of a response whose errors, as long as there is data, have gone their own way. */
  async #answer(body: string): Promise<string> {
    const { name } = this.#subgraph
    const call = calls.getStore()
    if (!call) throw new TypeError(`The engine asks ${name} on nobody's behalf`)
    const { served, key } = call
    const asked: unknown = JSON.parse(body)
    if (!isTree(asked) || typeof asked['query'] !== 'string') throw new TypeError('The engine asks nothing')
    const { operation, field, addedField, missing } = this.#read(asked['query'], served.operation)
    const variables: Record<string, unknown> = isTree(asked['variables']) ? asked['variables'] : {}
    for (const variable of missing)
      if (Object.hasOwn(served.variables, variable)) variables[variable] = served.variables[variable]
    const { request } = served
    const result = await this.#subgraph
      .execute({ operation, variables, request })
      .catch((cause: unknown) => Promise.reject(unanswered(name, cause, undefined)))
    served.note(result.extensions)
    const { data, errors = [] } = result
    if (!data) throw this.#refusal(errors, served)
    if (field !== undefined) {
      for (const error of errors)
        served.fail(
          passedOn(name, error, error.path?.[0] === field ? [key, ...error.path.slice(1)] : undefined),
        )
      return JSON.stringify({ data })
    }
    const { _entities: entities } = data
    const { representations } = variables
    const isFitting =
      Array.isArray(entities) && Array.isArray(representations) && entities.length === representations.length
    if (!isFitting) throw errors.length > 0 ? this.#refusal(errors, served) : invalidResult(name, undefined)
    const numbers = new Map<unknown, number>()
    for (const error of errors) {
      const place = error.path?.[0] === '_entities' ? error.path[1] : undefined
      const passed = passedOn(name, error, undefined)
      const isExplained = typeof place === 'number' && entities[place] === null && !numbers.has(place)
      if (isExplained) numbers.set(place, served.failures.push(passed) - 1)
      else served.fail(passed)
    }
    return JSON.stringify({
      data: { _entities: markEntities(entities, addedField, (place) => numbers.get(place)) },
    })
  }

  /** There is no data: the first error becomes that of the field for which all of it was asked. */
  #refusal(errors: NonNullable<SubgraphResult['errors']>, served: Served): GraphQLError {
    const { name } = this.#subgraph
    const [first, ...others] = errors.map((error) => passedOn(name, error, undefined))
    for (const error of others) served.fail(error)
    return first ?? unanswered(name, undefined, undefined)
  }
}

function respond(handler: Dispatcher.DispatchHandler, text: string): void {
  handler.onHeaders?.(200, [], () => undefined, 'OK')
  handler.onData?.(Buffer.from(text))
  handler.onComplete?.([])
}

/** What the engine has wrapped in its own error. */
export function errorOf(error: unknown): unknown {
  if (!isTree(error) || !isTree(error['extensions'])) return error
  const { errors } = error['extensions']
  return Array.isArray(errors) && errors.length > 0 ? errors[0] : error
}
