import type { GraphQLFormattedError } from 'graphql/index.js'
import type { Logger } from '../../streams/logger.ts'
import { AT_LEAST_HEADER } from '../freshness/at-least.ts'
import { SubgraphError } from '../gateway/errors.ts'
import type { SubgraphOperation, SubgraphRequest, SubgraphResult } from '../gateway/subgraph.ts'
import type { EntityMapping } from './entity-mapping.ts'
import type { EntityOperation } from './entity-operation.ts'
import { type Gather, gathering } from './gather.ts'
import type { GuardedStep } from './guarded-step.ts'
import { protectPart } from './protect-part.ts'
import type { Part, Slot } from './slots.ts'
import type { TransportAnswer } from './transport-call.ts'
import { tryInOrder } from './try-steps.ts'

/** The steps of an entity type, and how it lies in a table. */
export interface GuardedChain {
  readonly steps: readonly GuardedStep[]
  readonly mapping: EntityMapping | undefined
}

export interface ResolveOptions {
  subgraph: string
  request: SubgraphRequest
  operation: EntityOperation
  byType: ReadonlyMap<string, readonly Slot[]>
  chainOf: (type: string) => GuardedChain
  /** The operation with what hooks need in it. */
  withNeeded: (operation: SubgraphOperation) => SubgraphOperation
  logger: Logger | undefined
}

/** What has come of one type: its part, and the answer that it is out of, if it is a subgraph's. */
type Served = Part & { readonly slots: readonly Slot[]; readonly answer?: TransportAnswer }

/**
 * Serves an operation whose root fields are all `_entities`: each type by its own chain, all at the same time. When some
 * types fail, theirs are null with an error each; when all do, so does the whole.
 *
 * @throws SubgraphError when no type was served
 */
export async function resolveEntities(options: ResolveOptions): Promise<SubgraphResult> {
  const { request, operation, byType, chainOf } = options
  const hooked = [...byType.keys()].some((type) => chainOf(type).mapping?.authorize)
  const plain = gathering(request, operation.fetches, byType.size)
  const extended = hooked
    ? gathering(
        { ...request, operation: options.withNeeded(request.operation) },
        operation.fetches,
        byType.size,
      )
    : plain

  const served = await Promise.all(
    [...byType].map(async ([type, slots]): Promise<Served | SubgraphError> => {
      try {
        return await serve(options, type, slots, (step) => (enforces(step) ? plain : extended))
      } catch (error) {
        if (error instanceof SubgraphError) return error
        throw error
      }
    }),
  )
  const failures = served.filter((one) => one instanceof SubgraphError)
  const [first] = failures
  if (first && failures.length === served.length) throw first
  return assemble(request, operation, [...byType.values()], served)
}

function serve(
  { subgraph, request, operation, chainOf, logger }: ResolveOptions,
  type: string,
  slots: readonly Slot[],
  gatherFor: (step: GuardedStep) => Gather,
): Promise<Served> {
  const { steps, mapping } = chainOf(type)
  const { headers, caller } = request.request
  return tryInOrder<Served>(subgraph, steps, request, (guarded) => {
    const { step, table } = guarded
    if (table) {
      // A table cannot wait until it knows of a position; the subgraph can, with its projection.
      const read = headers[AT_LEAST_HEADER] === undefined ? table.prepare(operation, slots) : undefined
      return read && (async (signal) => ({ ...(await read(caller, signal)), slots }))
    }
    if (!('subgraph' in step)) return undefined
    return async (signal) => {
      const answer = await gatherFor(guarded)(step.subgraph, slots, signal)
      const part = answer.partOf(slots)
      const isOpen = !mapping?.authorize || enforces(guarded)
      const shown = isOpen ? part : protectPart(part, { mapping, operation, slots, caller, logger })
      return { ...shown, slots, answer }
    }
  })
}

function enforces({ step }: GuardedStep): boolean {
  return 'subgraph' in step && !!step.enforcesAuthorization
}

function assemble(
  { variables }: SubgraphRequest,
  { fetches }: EntityOperation,
  slotLists: readonly (readonly Slot[])[],
  served: readonly (Served | SubgraphError)[],
): SubgraphResult {
  const data = new Map<string, unknown[]>()
  for (const { responseKey, variable } of fetches) {
    const representations: unknown = variables[variable]
    const { length } = Array.isArray(representations) ? representations : []
    data.set(
      responseKey,
      Array.from({ length }, () => null),
    )
  }
  const errors: GraphQLFormattedError[] = []
  const answers = new Set<TransportAnswer>()
  for (const [position, one] of served.entries()) {
    if (one instanceof SubgraphError) {
      errors.push(...(slotLists[position] ?? []).map((slot) => failureAt(slot, one)))
      continue
    }
    for (const [index, { fetch, index: place }] of one.slots.entries()) {
      const list = data.get(fetch.responseKey)
      if (list) list[place] = one.values[index]
    }
    errors.push(...one.errors)
    if (one.answer) answers.add(one.answer)
  }
  for (const { otherErrors } of answers) errors.push(...otherErrors)
  const extensions = [...answers].find((answer) => answer.extensions)?.extensions
  return {
    data: Object.fromEntries(data),
    ...(errors.length > 0 && { errors }),
    ...(extensions && { extensions }),
  }
}

function failureAt({ fetch, index }: Slot, error: SubgraphError): GraphQLFormattedError {
  const { message, code, status } = error
  return { message, path: [fetch.responseKey, index], extensions: { code, status } }
}
