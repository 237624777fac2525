import {
  type DefinitionNode,
  type GraphQLSchema,
  Kind,
  buildASTSchema,
  parse,
  specifiedDirectives,
  specifiedScalarTypes,
} from 'graphql/index.js'
import { InvalidSupergraphError } from './errors.ts'

const BUILT_IN = new Set([...specifiedScalarTypes, ...specifiedDirectives].map(({ name }) => name))

/**
 * The schema that clients see. A planner's SDL may spell out what every schema has (introspection, `Int`, `@skip`), which
 * nobody may define.
 *
 * @throws InvalidSupergraphError
 */
export function buildPublicSchema(sdl: string): GraphQLSchema {
  try {
    const { definitions, kind } = parse(sdl, { noLocation: true })
    const own = definitions.filter((one) => !isBuiltIn(one)).map(withoutMetaFields)
    return buildASTSchema({ kind, definitions: own })
  } catch (cause) {
    throw new InvalidSupergraphError(cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function isBuiltIn(definition: DefinitionNode): boolean {
  if (!('name' in definition) || definition.name === undefined) return false
  const { value: name } = definition.name
  return name.startsWith('__') || BUILT_IN.has(name)
}

function withoutMetaFields(definition: DefinitionNode): DefinitionNode {
  if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) return definition
  return {
    ...definition,
    fields: definition.fields?.filter(({ name }) => !name.value.startsWith('__')) ?? [],
  }
}
