import type { GraphQLFormattedError } from 'graphql/index.js'
import type { EntityFetch } from './entity-operation.ts'

/** One place in an answer: the entity of one representation. */
export interface Slot {
  readonly fetch: EntityFetch
  readonly index: number
  readonly representation: Readonly<Record<string, unknown>>
}

/** What a step has found for the slots of one type: a value each, in their order. */
export interface Part {
  readonly values: readonly unknown[]
  readonly errors: readonly GraphQLFormattedError[]
}

/**
 * The representations of a request by their type. Undefined when they are not what a planner sends: the subgraph is to say
 * what is wrong with them.
 */
export function slotsByType(
  fetches: readonly EntityFetch[],
  variables: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, readonly Slot[]> | undefined {
  const byType = new Map<string, Slot[]>()
  for (const fetch of fetches) {
    const representations: unknown = variables[fetch.variable]
    if (!Array.isArray(representations)) return undefined
    for (const [index, representation] of representations.entries()) {
      const type = isRecord(representation) ? representation['__typename'] : undefined
      if (!isRecord(representation) || typeof type !== 'string') return undefined
      const slots = byType.get(type)
      const slot = { fetch, index, representation }
      if (slots) slots.push(slot)
      else byType.set(type, [slot])
    }
  }
  return byType
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
