import { type DocumentNode, type FragmentDefinitionNode, Kind } from 'graphql/index.js'

/** The named fragments of a document. Of two with one name the last counts, as for graphql-js. */
export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>

export function fragmentsOf({ definitions }: DocumentNode): Fragments {
  return new Map(
    definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one]] : [])),
  )
}
