import { type DocumentNode, Kind, parse, visit } from 'graphql/index.js'

/** https://specs.apollo.dev/cost/v0.1 */
const definitions = parse(/* GraphQL */ `
  directive @cost(
    weight: Int!
  ) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR

  directive @listSize(
    assumedSize: Int
    slicingArguments: [String!]
    sizedFields: [String!]
    requireOneSlicingArgument: Boolean = true
  ) on FIELD_DEFINITION
`).definitions.filter((one) => one.kind === Kind.DIRECTIVE_DEFINITION)

/** The document with definitions of `@cost` and `@listSize`, as far as it uses them and has none of its own. */
export function withCostDirectives(document: DocumentNode): DocumentNode {
  const used = new Set<string>()
  visit(document, {
    Directive: ({ name }) => void used.add(name.value),
  })
  const defined = new Set(
    document.definitions.map((one) => (one.kind === Kind.DIRECTIVE_DEFINITION ? one.name.value : undefined)),
  )
  const missing = definitions.filter(({ name }) => used.has(name.value) && !defined.has(name.value))
  return { ...document, definitions: [...document.definitions, ...missing] }
}
