import { defineContext } from '../../index.ts'
import { compliance as alert } from './aggregate.ts'
import { complianceGraph } from './graph.ts'
import { complianceAlertProjection } from './projection.ts'
import { alertAbove } from './reactor.ts'

/**
 * The context compliance with a limit of one's own, as an amount: what is transferred above it is to be looked at.
 *
 * @example
 * export const compliance = complianceContext({ limit: '2500.00' })
 */
export const complianceContext = ({ limit }: { limit: string }) =>
  defineContext({
    name: 'compliance',
    aggregates: [alert],
    projections: [complianceAlertProjection],
    graph: complianceGraph,
    reactors: [alertAbove(limit)],
  })

/** Alerts about large transfers. */
export const compliance = complianceContext({ limit: '10000.00' })
