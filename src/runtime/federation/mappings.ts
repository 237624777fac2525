import {
  type FieldDefinitionNode,
  type ObjectTypeDefinitionNode,
  type TypeNode,
  Kind,
  parse,
} from 'graphql/index.js'
import { type EntityMapping, type FieldMapping, SCALAR_KINDS } from '../../graph/strategies/entity-mapping.ts'
import { isMappedEntity, mappingOf } from '../../graph/strategies/mapping-of.ts'
import { HeadwaterError } from '../../streams/errors.ts'
import type { Config } from '../config/index.ts'
import type { OwnSubgraph } from './own-subgraphs.ts'
import { placeInFile } from './sdl-place.ts'

type ConfiguredEntities = Config['federation']['subgraphs'][number]['entities']

class MappingError extends HeadwaterError {
  constructor(detail: string) {
    super({ code: 'FEDERATION_INVALID', status: 500, detail })
  }
}

/**
 * How the entities of a subgraph lie in its tables. What is configured for a subgraph is of that one; a context of the same
 * name whose code is here may be another.
 *
 * @param own the context of that name, if its code is here
 * @param sdl of the subgraph, or of a supergraph that it is part of
 * @throws MappingError as `configuredMappings`
 */
export function mappingsOf(
  { federation, gateway, postgres }: Config,
  name: string,
  own: OwnSubgraph | undefined,
  sdl: string,
): EntityMapping[] {
  const { entities = {}, schema } = federation.subgraphs.find((one) => one.name === name) ?? {}
  const file = gateway.supergraph ?? schema
  if (Object.keys(entities).length > 0) return configuredMappings(name, entities, { sdl, file })
  return own ? ownMappings(own, postgres.schema) : []
}

/** How the entities of a context lie in its tables: what its code says. */
function ownMappings({ graphs, schema }: OwnSubgraph, tableSchema: string): EntityMapping[] {
  return graphs
    .flatMap(({ entities = [] }) => entities)
    .filter(isMappedEntity)
    .map((entity) => mappingOf(entity, { schema, graphs, tableSchema }))
}

/**
 * How the entities of a subgraph of others lie in its tables: what the configuration says, with the types of its fields.
 * @throws MappingError when a type or field is not in the schema, or of a type that no column can be shown as
 */
function configuredMappings(
  subgraph: string,
  entities: ConfiguredEntities,
  { sdl, file }: { sdl: string; file: string | undefined },
): EntityMapping[] {
  const { definitions } = parse(sdl)
  const objects = new Map(
    definitions.flatMap((node): [string, ObjectTypeDefinitionNode][] =>
      node.kind === Kind.OBJECT_TYPE_DEFINITION ? [[node.name.value, node]] : [],
    ),
  )
  const enums = new Map(
    definitions.flatMap((node): [string, string[]][] =>
      node.kind === Kind.ENUM_TYPE_DEFINITION
        ? [[node.name.value, (node.values ?? []).map(({ name }) => name.value)]]
        : [],
    ),
  )
  return Object.entries(entities).map(([type, { table, schema, key, fields }]) => {
    const object = objects.get(type)
    if (!object)
      throw new MappingError(
        `The subgraph ${subgraph} has no type ${type}, for which a table is configured${placeInFile(file, type)}`,
      )
    const mapped = Object.entries(fields).map(([name, given]): [string, FieldMapping] => {
      const field = object.fields?.find((one) => one.name.value === name)
      if (!field)
        throw new MappingError(
          `${type} of the subgraph ${subgraph} has no field ${name}, for which a column is configured${placeInFile(file, type)}`,
        )
      const mapped = fieldMapping(field, given, enums)
      if (mapped) return [name, mapped]
      throw new MappingError(
        `${type}.${name} cannot be read from a column: it has arguments, is a list, or is of a type whose kind has to be said${placeInFile(file, type, name)}`,
      )
    })
    return { type, table, ...(schema !== undefined && { schema }), key, fields: Object.fromEntries(mapped) }
  })
}

type ConfiguredField = ConfiguredEntities[string]['fields'][string]

/** Undefined when no column can be shown as the field. */
function fieldMapping(
  { type, arguments: args = [] }: FieldDefinitionNode,
  { column, kind, sqlType }: ConfiguredField,
  enums: ReadonlyMap<string, string[]>,
): FieldMapping | undefined {
  const named = namedType(type)
  const values = named === undefined ? undefined : enums.get(named)
  const shown = kind ?? (values ? 'enum' : SCALAR_KINDS.get(named ?? ''))
  if (named === undefined || shown === undefined || args.length > 0) return undefined
  return {
    column,
    kind: shown,
    required: type.kind === Kind.NON_NULL_TYPE,
    ...(values && { values }),
    ...(sqlType !== undefined && { sqlType }),
  }
}

/** Undefined for lists. */
function namedType(type: TypeNode): string | undefined {
  if (type.kind === Kind.NON_NULL_TYPE) return namedType(type.type)
  return type.kind === Kind.NAMED_TYPE ? type.name.value : undefined
}
