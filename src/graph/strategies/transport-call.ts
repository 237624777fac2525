import type { GraphQLFormattedError } from 'graphql/index.js'
import { SubgraphError } from '../gateway/errors.ts'
import type { GatewayRequest, Subgraph, SubgraphRequest, SubgraphResult } from '../gateway/subgraph.ts'
import type { EntityFetch } from './entity-operation.ts'
import type { Places } from './places.ts'
import type { Part, Slot } from './slots.ts'

/** What a subgraph has answered to a request for entities. */
export interface TransportAnswer {
  /** What it has for these slots, at their places in the whole. */
  partOf(slots: readonly Slot[]): Part
  /** The errors that are of no entity. */
  readonly otherErrors: readonly GraphQLFormattedError[]
  readonly extensions: SubgraphResult['extensions']
}

export interface TransportCallOptions {
  subgraph: Subgraph
  request: SubgraphRequest
  fetches: readonly EntityFetch[]
  places: Places
  signal: AbortSignal
}

/**
 * Asks a subgraph for the entities of some places.
 * @throws SubgraphError when there is no result, or one that is no answer to this
 */
export async function callTransport({
  subgraph,
  request,
  fetches,
  places,
  signal,
}: TransportCallOptions): Promise<TransportAnswer> {
  const result = await subgraph.execute({
    operation: request.operation,
    variables: places.variables,
    request: endingWith(request.request, signal),
  })
  const { errors = [], data, extensions } = result
  const lists = new Map(fetches.map((fetch) => [fetch, listOf(fetch)]))
  const located = new Map<string, GraphQLFormattedError[]>()
  const otherErrors: GraphQLFormattedError[] = []
  for (const error of errors) {
    const [responseKey, position, ...rest] = error.path ?? []
    const fetch = fetches.find((one) => one.responseKey === responseKey)
    const index = fetch && typeof position === 'number' ? places.indexOf(fetch, position) : undefined
    if (fetch === undefined || index === undefined) {
      otherErrors.push(error)
      continue
    }
    const place = placeText({ fetch, index })
    const moved = { ...error, path: [fetch.responseKey, index, ...rest] }
    located.set(place, [...(located.get(place) ?? []), moved])
  }

  function listOf(fetch: EntityFetch): readonly unknown[] {
    const list = data?.[fetch.responseKey]
    const expected = places.countOf(fetch)
    if (Array.isArray(list) && list.length === expected) return list
    // A null that an error has made, of the list or of the whole answer.
    if ((list === null || list === undefined) && errors.length > 0) return []
    const cause = new Error(`${fetch.responseKey} is not a list of ${expected} entities`)
    throw new SubgraphError(subgraph.name, 'SUBGRAPH_UNAVAILABLE', cause)
  }

  return {
    otherErrors,
    extensions,
    partOf: (slots) => ({
      values: slots.map((slot) => {
        const position = places.positionOf(slot)
        return (position === undefined ? undefined : lists.get(slot.fetch)?.[position]) ?? null
      }),
      errors: slots.flatMap((slot) => located.get(placeText(slot)) ?? []),
    }),
  }
}

/** The same request, but over when this signal says so. */
export function endingWith(request: GatewayRequest, signal: AbortSignal): GatewayRequest {
  if (signal === request.signal) return request
  const { id, headers, caller } = request
  return { id, headers, caller, signal, resolved: (resolution) => request.resolved(resolution) }
}

function placeText({ fetch, index }: Pick<Slot, 'fetch' | 'index'>): string {
  return `${fetch.responseKey} ${index}`
}
