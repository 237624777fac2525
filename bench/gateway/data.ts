/** What the two subgraphs of the benchmark serve: 20 orders, each of a customer of its own. Never changed. */
export const customers = Array.from({ length: 20 }, (_, at) => ({
  id: `c-${at}`,
  name: `Customer ${at}`,
  city: ['São Paulo', 'Curitiba', 'Recife', 'Manaus'][at % 4] ?? '',
}))

export const orders = customers.map(({ id }, at) => ({
  id: `o-${at}`,
  status: 'CREATED',
  total: `${10 + at}.50`,
  customer: { __typename: 'Customer', id },
}))

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])'

/** Federation 2 for all but @mercuriusjs/gateway, which knows Federation 1 alone. */
export type Flavour = 'federation2' | 'federation1'

export type SubgraphName = 'orders' | 'customers'

const root = (flavour: Flavour) => (flavour === 'federation1' ? 'extend type Query' : 'type Query')

export function sdlOf(name: SubgraphName, flavour: Flavour): string {
  if (name === 'customers') {
    return `${flavour === 'federation2' ? LINK : ''}
      ${root(flavour)} { customer(id: ID!): Customer }
      type Customer @key(fields: "id") { id: ID! name: String! city: String! }`
  }
  return flavour === 'federation2'
    ? `${LINK}
      type Query { orders(first: Int!): [Order!]! }
      type Order @key(fields: "id") { id: ID! status: String! total: String! customer: Customer }
      type Customer @key(fields: "id", resolvable: false) { id: ID! }`
    : `${root(flavour)} { orders(first: Int!): [Order!]! }
      type Order @key(fields: "id") { id: ID! status: String! total: String! customer: Customer }
      extend type Customer @key(fields: "id") { id: ID! @external }`
}

export const QUERY = '{ orders(first: 20) { id status total customer { id name city } } }'

/** What has to be in every answer: a gateway that is quick because it leaves something out does not count. */
export const EXPECTED = JSON.stringify({
  orders: orders
    .map((order, at) => ({ ...order, customer: customers[at] }))
    .map(({ id, status, total, customer }) => ({ id, status, total, customer })),
})
