import type { GraphQLFormattedError } from 'graphql/index.js'
import type { Logger } from '../../streams/logger.ts'
import { type EntityMapping, neededValues } from './entity-mapping.ts'
import type { EntityFetch, EntityOperation } from './entity-operation.ts'
import { hiddenKey, isHiddenKey } from './needed-selection.ts'
import { protect } from './protect.ts'
import { type Part, type Slot, isRecord } from './slots.ts'

export interface PartProtection {
  mapping: EntityMapping
  operation: EntityOperation
  slots: readonly Slot[]
  caller: unknown
  logger: Logger | undefined
}

/**
 * What a subgraph has given of a type, without what the caller may not see, and without what only the hooks had to see. A
 * subgraph that has the same hooks has hidden it already, and its errors are not repeated.
 */
export function protectPart(part: Part, { mapping, operation, slots, caller, logger }: PartProtection): Part {
  const needed = neededValues(mapping).map(([name]) => name)
  const given = byPlace(part.errors.filter(({ path }) => !isHiddenKey(String(path?.[2]))))
  const errors: GraphQLFormattedError[] = []
  const shownBy = new Map(slots.map(({ fetch }) => [fetch, shownFields(operation, fetch, mapping.type)]))
  const values = slots.map((slot, position) => {
    const path = [slot.fetch.responseKey, slot.index]
    const own = given.get(placeText(path)) ?? []
    const answered = part.values[position]
    if (!isRecord(answered)) {
      errors.push(...own)
      return answered
    }
    const seen = protect(
      mapping,
      caller,
      {
        entity: Object.fromEntries(Object.entries(answered).filter(([key]) => !isHiddenKey(key))),
        values: Object.fromEntries(needed.map((name) => [name, answered[hiddenKey(name)] ?? null])),
        fields: shownBy.get(slot.fetch) ?? [],
        path,
      },
      logger,
    )
    // What went wrong below a row that may not be seen would say that there is one.
    const kept = seen.entity === null ? [] : own
    const told = new Set(kept.map((error) => error.path?.join(' ')))
    errors.push(...kept, ...seen.errors.filter((error) => !told.has(error.path?.join(' '))))
    return seen.entity
  })
  return { values, errors }
}

function shownFields(operation: EntityOperation, fetch: EntityFetch, type: string): [string, string][] {
  return [...operation.fieldsOf(fetch, type).fields].flatMap(([responseKey, [node]]): [string, string][] =>
    node ? [[responseKey, node.name.value]] : [],
  )
}

function byPlace(errors: readonly GraphQLFormattedError[]): Map<string, GraphQLFormattedError[]> {
  const places = new Map<string, GraphQLFormattedError[]>()
  for (const error of errors) {
    const place = placeText(error.path ?? [])
    places.set(place, [...(places.get(place) ?? []), error])
  }
  return places
}

/** The fetch and the index of an error's path. */
function placeText(path: readonly (string | number)[]): string {
  return path.slice(0, 2).join(' ')
}
