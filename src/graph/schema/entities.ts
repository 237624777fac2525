import type { EntityResolver } from '../context/context.ts'
import type { GraphDefinition } from './define-graph.ts'
import type { EntityType, KeyedEntity } from './entity-type.ts'

/** Every entity that the graphs know: those with rows here, and those of other subgraphs, of which only the key is known. */
export function entitiesOf(graphs: readonly GraphDefinition[]): EntityType[] {
  const owned = graphs.flatMap(({ entities = [] }) => entities)
  const names = new Set(owned.map(({ type }) => type))
  const referred = new Map(graphs.flatMap(({ references = {} }) => Object.entries(references)))
  return [
    ...owned,
    ...[...referred].filter(([type]) => !names.has(type)).map(([type, key]) => referredEntity(type, key)),
  ]
}

export function isKeyed(entity: EntityType): entity is KeyedEntity {
  return 'key' in entity
}

/** How the entities that have one key are found by its value, by the type's name. */
export function resolversByKey(graphs: readonly GraphDefinition[]): ReadonlyMap<string, EntityResolver> {
  return new Map(
    entitiesOf(graphs)
      .filter(isKeyed)
      .map(({ type, resolve }) => [type, resolve]),
  )
}

/** Whether there is such an object only its own subgraph can tell; fields that are contributed here need its id alone. */
function referredEntity(type: string, key: string): KeyedEntity {
  return { type, key, resolve: (id) => Promise.resolve({ [key]: id, row: { id } }) }
}
