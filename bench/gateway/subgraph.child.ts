import { mercuriusFederationPlugin } from '@mercuriusjs/federation'
import fastify from 'fastify'
import { z } from 'zod'
import { childOptions, serve } from '../support/child.ts'
import { customers, orders, sdlOf } from './data.ts'

/** A subgraph that costs next to nothing, so that what is measured is the gateway before it. */
const { name, flavour } = childOptions(
  z.object({ name: z.enum(['orders', 'customers']), flavour: z.enum(['federation1', 'federation2']) }),
)
const byId = new Map(customers.map((customer) => [customer.id, customer]))

const app = fastify()
await app.register(mercuriusFederationPlugin, {
  schema: sdlOf(name, flavour),
  resolvers:
    name === 'orders'
      ? { Query: { orders: (_: unknown, { first }: { first: number }) => orders.slice(0, first) } }
      : {
          Query: { customer: (_: unknown, { id }: { id: string }) => byId.get(id) },
          Customer: { __resolveReference: ({ id }: { id: string }) => byId.get(id) ?? null },
        },
  jit: 1,
})
const address = await app.listen({ port: 0, host: '127.0.0.1' })

serve(
  () => Promise.resolve(`${address}/graphql`),
  () => app.close(),
)
