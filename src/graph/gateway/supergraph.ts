import { type DefinitionNode, type EnumValueDefinitionNode, Kind, parse } from 'graphql/index.js'
import { argumentOf, directiveOf } from '../syntax/directives.ts'
import { InvalidSupergraphError } from './errors.ts'

/** What the gateway reads out of a supergraph itself; the rest is the planner's. */
export interface Supergraph {
  /** The subgraphs by name, and the address each is composed with: empty when it was composed without one. */
  readonly subgraphs: ReadonlyMap<string, string>
  readonly types: TypeConditions
}

export interface TypeConditions {
  /** True when an object of this type, by its `__typename`, is what a fragment on `condition` is for. */
  fits(condition: string, typename: string): boolean
}

/**
 * @param sdl as Federation's composition writes it, https://specs.apollo.dev/join/v0.3
 * @throws InvalidSupergraphError
 */
export function readSupergraph(sdl: string): Supergraph {
  const { definitions } = parsed(sdl)
  const subgraphs = new Map(definitions.flatMap(graphsOf))
  if (subgraphs.size === 0) {
    throw new InvalidSupergraphError(
      'it names no subgraphs (no enum join__Graph); is it the SDL of a subgraph?',
    )
  }
  return { subgraphs, types: typeConditions(definitions) }
}

function parsed(sdl: string) {
  try {
    return parse(sdl, { noLocation: true })
  } catch (cause) {
    throw new InvalidSupergraphError(cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function graphsOf(definition: DefinitionNode): [string, string][] {
  if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') return []
  return (definition.values ?? []).map((value) => [argument(value, 'name'), argument(value, 'url')])
}

function argument(value: EnumValueDefinitionNode, name: string): string {
  const said = argumentOf(directiveOf(value, 'join__graph'), name)
  if (typeof said === 'string') return said
  throw new InvalidSupergraphError(`the subgraph ${value.name.value} has no ${name} (@join__graph)`)
}

function typeConditions(definitions: readonly DefinitionNode[]): TypeConditions {
  const fitting = new Map<string, Set<string>>()
  const add = (condition: string, type: string) => {
    const types = fitting.get(condition)
    if (types) types.add(type)
    else fitting.set(condition, new Set([type]))
  }
  for (const definition of definitions) {
    if (definition.kind === Kind.UNION_TYPE_DEFINITION) {
      for (const type of definition.types ?? []) add(definition.name.value, type.name.value)
    }
    // An interface counts as well: a subgraph that has it as an object (@interfaceObject) names it as the type.
    if (
      definition.kind === Kind.OBJECT_TYPE_DEFINITION ||
      definition.kind === Kind.INTERFACE_TYPE_DEFINITION
    ) {
      for (const type of definition.interfaces ?? []) add(type.name.value, definition.name.value)
    }
  }
  return {
    fits: (condition, typename) => condition === typename || fitting.get(condition)?.has(typename) === true,
  }
}
