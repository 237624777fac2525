/**
 * The types of an entity's lists in SDL: `OrderConnection`, `OrderEdge`, and what they can be ordered by, `OrderOrder` with
 * its fields. The first field, descending, is the default.
 */
export function connectionTypeDefs(type: string, fields: string[]): string {
  return /* GraphQL */ `
  type ${type}Connection {
    edges: [${type}Edge!]!
    nodes: [${type}!]!
    pageInfo: PageInfo!
    "Of all pages together, at the moment of this page; counted when it is asked for"
    totalCount: Int!
  }

  type ${type}Edge {
    node: ${type}!
    cursor: String!
  }

  input ${type}Order {
    field: ${type}OrderField! = ${fields[0] ?? ''}
    direction: SortDirection! = DESC
  }

  enum ${type}OrderField { ${fields.join(' ')} }
`
}
