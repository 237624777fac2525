import { defineContext } from '../../index.ts'
import { compliance } from './aggregate.ts'
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
    aggregates: [compliance],
    projections: [complianceAlertProjection],
    graph: complianceGraph,
    reactors: [alertAbove(limit)],
  })
