import { type ConstDirectiveNode, type DocumentNode, Kind, parse, print } from 'graphql/index.js'

/** The directives in SDL, as one writes them, of a type or of a field of it (`User.name`); of the schema by `schema`. */
export function directivesIn(sdl: string) {
  const document = parse(sdl)
  return (place: string): string[] => nodesOf(document, place).map(print)
}

function nodesOf({ definitions }: DocumentNode, place: string): ConstDirectiveNode[] {
  const [type, field] = place.split('.')
  return definitions.flatMap((definition) => {
    if (definition.kind === Kind.SCHEMA_EXTENSION)
      return type === 'schema' ? (definition.directives ?? []) : []
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION || definition.name.value !== type) return []
    if (field === undefined) return definition.directives ?? []
    return definition.fields?.find(({ name }) => name.value === field)?.directives ?? []
  })
}

/** The fields of a type in SDL, with their types: `['id: ID!', …]`. */
export function fieldsIn(sdl: string, type: string): string[] {
  return parse(sdl).definitions.flatMap((definition) =>
    definition.kind === Kind.OBJECT_TYPE_DEFINITION && definition.name.value === type
      ? (definition.fields ?? []).map((field) => print({ ...field, directives: [] }))
      : [],
  )
}
