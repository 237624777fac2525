import { type DefinitionNode, type TypeDefinitionNode, Kind, print } from 'graphql/index.js'
import { directiveOf } from '../../syntax/directives.ts'
import { EngineUnsuitedError } from '../errors.ts'
import type { TypePart } from './keys.ts'
import { assertAskable, assertRootFieldsAskable, assertSame } from './assert-askable.ts'
import { type Placement, placeObject } from './place-object.ts'
import { type SubgraphSdl, type SubgraphTypes, overridden, readSubgraph } from './read-subgraph.ts'
import { withKnownDirectives } from './write-nodes.ts'

export interface Federation1 {
  /** In the order in which they came. */
  readonly subgraphs: readonly SubgraphSdl[]
  /** Fields, as `Type.field`, that each subgraph answers for itself or not at all. */
  readonly ownAnswers: ReadonlySet<string>
}

const ROOTS = ['Query', 'Mutation']

/**
 * Federation 2 subgraphs that compose, in the words of Federation 1 as @mercuriusjs/gateway 5.2 understands it: an entity is
 * defined by the one who knows most of it and extended by the others, a root field that several have is asked of the first,
 * and what subgraphs share is the same in all of them. Subscriptions are left out.
 *
 * @throws EngineUnsuitedError for what the engine would answer wrongly
 */
export function toFederation1(given: readonly SubgraphSdl[]): Federation1 {
  const subgraphs = withoutOverridden(given.map(readSubgraph))
  const names = new Set(subgraphs.flatMap(({ types }) => [...types.keys()]))
  const texts = new Map<string, DefinitionNode[]>(subgraphs.map(({ name }) => [name, []]))
  const placements = new Map<string, Placement>()
  const kinds = new Map(subgraphs.flatMap(({ types }) => [...types]).map(([name, { kind }]) => [name, kind]))

  for (const name of names) {
    const parts = partsOf(subgraphs, name)
    const objects = parts.flatMap(({ subgraph, type }): TypePart[] =>
      type.kind === Kind.OBJECT_TYPE_DEFINITION ? [{ subgraph, type }] : [],
    )
    if (objects.some(({ type }) => directiveOf(type, 'interfaceObject')))
      throw new EngineUnsuitedError(`${name} is an interface object`)
    if (ROOTS.includes(name)) {
      for (const { subgraph, node } of rootParts(objects)) {
        assertRootFieldsAskable(node, kinds)
        texts.get(subgraph)?.push(node)
      }
    } else if (objects.length > 0) {
      const placement = placeObject(objects)
      placements.set(name, placement)
      for (const { subgraph, node } of placement.placed) texts.get(subgraph)?.push(node)
    } else {
      assertSame(parts)
      for (const { subgraph, type } of parts) texts.get(subgraph)?.push(type)
    }
  }
  for (const [name, placement] of placements) assertAskable(name, placement, placements, kinds)
  return {
    subgraphs: subgraphs.map(({ name }) => ({
      name,
      sdl: (texts.get(name) ?? []).map((node) => print(withKnownDirectives(node))).join('\n\n'),
    })),
    ownAnswers: new Set(
      [...placements].flatMap(([type, { owner, added }]) =>
        owner === null ? added.map(({ field }) => `${type}.${field.name.value}`) : [],
      ),
    ),
  }
}

function withoutOverridden(subgraphs: readonly SubgraphTypes[]): SubgraphTypes[] {
  return subgraphs.map(({ name, types }) => {
    const gone = overridden(subgraphs, name)
    if (gone.size === 0) return { name, types }
    const kept = [...types].map(([type, node]): [string, TypeDefinitionNode] => {
      if (node.kind !== Kind.OBJECT_TYPE_DEFINITION) return [type, node]
      const fields = (node.fields ?? []).filter((field) => !gone.has(`${type}.${field.name.value}`))
      return [type, { ...node, fields }]
    })
    return { name, types: new Map(kept) }
  })
}

function partsOf(subgraphs: readonly SubgraphTypes[], name: string) {
  return subgraphs.flatMap(({ name: subgraph, types }) => {
    const type = types.get(name)
    return type ? [{ subgraph, type }] : []
  })
}

/** A root field that several subgraphs have is the same in each of them: the first one answers. */
function rootParts(parts: readonly TypePart[]) {
  const taken = new Set<string>()
  return parts.flatMap(({ subgraph, type }) => {
    const fields = (type.fields ?? []).filter(({ name }) => !taken.has(name.value))
    for (const { name } of fields) taken.add(name.value)
    return fields.length === 0
      ? []
      : [{ subgraph, node: { kind: Kind.OBJECT_TYPE_EXTENSION, name: type.name, fields } as const }]
  })
}
