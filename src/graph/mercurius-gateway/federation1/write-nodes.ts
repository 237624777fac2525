import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type FieldDefinitionNode,
  Kind,
  visit,
} from 'graphql/index.js'
import { type Directed, directiveOf } from '../../syntax/directives.ts'

/** What the engine knows; whatever else a subgraph says is not for it. */
const KEPT = new Set(['key', 'external', 'requires', 'provides', 'deprecated', 'specifiedBy'])

export function keyDirective(fields: string): ConstDirectiveNode {
  return {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: 'key' },
    arguments: [
      {
        kind: Kind.ARGUMENT,
        name: { kind: Kind.NAME, value: 'fields' },
        value: { kind: Kind.STRING, value: fields },
      },
    ],
  }
}

export function withoutKeys({ directives = [] }: Directed): ConstDirectiveNode[] {
  return directives.filter(({ name }) => name.value !== 'key')
}

export function withExternal(field: FieldDefinitionNode): FieldDefinitionNode {
  if (directiveOf(field, 'external')) return field
  const external = { kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: 'external' } } as const
  return { ...field, directives: [...(field.directives ?? []), external] }
}

export function withKnownDirectives(definition: DefinitionNode): DefinitionNode {
  return visit(definition, {
    Directive: ({ name }) => (KEPT.has(name.value) ? undefined : null),
  })
}
