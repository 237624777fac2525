import { defineContext } from '../../index.ts'
import { paymentThrough } from './aggregate.ts'
import { paymentFeed } from './feed.ts'
import type { PaymentGateway } from './gateway.ts'
import { paymentGraph } from './graph.ts'
import { paymentProjection } from './projection.ts'
import { createTestGateway } from './test-gateway.ts'

/**
 * The context payments through a gateway of one's own.
 *
 * @example
 * // In place of the test gateway: what calls the provider, an object with the four methods of PaymentGateway.
 * const gateway: PaymentGateway = createTestGateway({ limit: '500.00' })
 * export const payments = paymentsContext({ gateway })
 */
export const paymentsContext = ({ gateway }: { gateway: PaymentGateway }) =>
  defineContext({
    name: 'payments',
    aggregates: [paymentThrough(gateway)],
    projections: [paymentProjection],
    graph: paymentGraph,
    feed: paymentFeed,
  })

/** Money for orders, through the test gateway, which moves none. */
export const payments = paymentsContext({ gateway: createTestGateway() })
