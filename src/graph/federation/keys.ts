import {
  type ConstDirectiveNode,
  type DocumentNode,
  type ObjectTypeDefinitionNode,
  type ObjectTypeExtensionNode,
  Kind,
  isTypeDefinitionNode,
  parse,
} from 'graphql/index.js'
import { type Directed, argumentOf, directivesOf } from '../syntax/directives.ts'

/** The `@key` directives of a type. */
export const keysOf = (type: Directed): readonly ConstDirectiveNode[] => directivesOf(type, 'key')

/**
 * Makes `extend type X @key(…)` the definition of a type that the document has no other definition of. To Federation 2 the two
 * are the same, but for `@external` on fields of the key: it means nothing on an extension, and on a definition that the type
 * cannot give its own key. So it is left out.
 *
 * https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/directives#external
 */
export function definedByKeys(document: DocumentNode): DocumentNode {
  const defined = new Set(document.definitions.filter(isTypeDefinitionNode).map(({ name }) => name.value))
  return {
    ...document,
    definitions: document.definitions.map((definition) => {
      if (definition.kind !== Kind.OBJECT_TYPE_EXTENSION || keysOf(definition).length === 0) return definition
      if (defined.has(definition.name.value)) return definition
      defined.add(definition.name.value)
      return definitionOf(definition)
    }),
  }
}

function definitionOf({ fields = [], ...extension }: ObjectTypeExtensionNode): ObjectTypeDefinitionNode {
  const keyed = new Set(keysOf(extension).flatMap(fieldsOf))
  return {
    ...extension,
    kind: Kind.OBJECT_TYPE_DEFINITION,
    fields: fields.map((field) =>
      keyed.has(field.name.value)
        ? { ...field, directives: (field.directives ?? []).filter(({ name }) => name.value !== 'external') }
        : field,
    ),
  }
}

/** Of `sku variation { id }` the type itself has `sku` and `variation`. */
function fieldsOf(key: ConstDirectiveNode): string[] {
  const fields = argumentOf(key, 'fields')
  if (typeof fields !== 'string') return []
  const [operation] = parse(`{ ${fields} }`).definitions
  const selections = operation?.kind === Kind.OPERATION_DEFINITION ? operation.selectionSet.selections : []
  return selections.flatMap((one) => (one.kind === Kind.FIELD ? [one.name.value] : []))
}
