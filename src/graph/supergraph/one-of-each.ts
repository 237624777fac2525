import { type DefinitionNode, type DocumentNode, Kind, type ObjectTypeDefinitionNode } from 'graphql/index.js'

/** What every Headwater service could tell, and Federation lets one subgraph tell alone: fields of `Subscription` are not shared. */
const FIELD = 'eventsOf'
const TYPE = 'LoggedEvent'

/**
 * Services of different code each have the subscription to bare events: the first one by name keeps it, and the others are
 * composed without. It follows the aggregates that this one's code knows.
 */
export function oneOfEach<Service extends { readonly name: string; readonly typeDefs: DocumentNode }>(
  services: readonly Service[],
): Service[] {
  const having = services.filter(({ typeDefs }) => typeDefs.definitions.some(isSubscription))
  const keeper = having.map(({ name }) => name).toSorted()[0]
  return services.map((service) =>
    having.includes(service) && service.name !== keeper
      ? { ...service, typeDefs: without(service.typeDefs) }
      : service,
  )
}

function isSubscription(node: DefinitionNode): node is ObjectTypeDefinitionNode {
  return (
    node.kind === Kind.OBJECT_TYPE_DEFINITION &&
    node.name.value === 'Subscription' &&
    (node.fields ?? []).some(({ name }) => name.value === FIELD)
  )
}

function without(document: DocumentNode): DocumentNode {
  return {
    ...document,
    definitions: document.definitions.flatMap((node): DefinitionNode[] => {
      if (node.kind !== Kind.OBJECT_TYPE_DEFINITION) return [node]
      if (node.name.value === TYPE) return []
      if (!isSubscription(node)) return [node]
      const fields = (node.fields ?? []).filter(({ name }) => name.value !== FIELD)
      return fields.length === 0 ? [] : [{ ...node, fields }]
    }),
  }
}
