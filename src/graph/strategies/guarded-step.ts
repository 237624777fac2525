import type { Logger } from '../../streams/logger.ts'
import { reason } from '../../projections/errors.ts'
import type { Outcome, Resolution, SubgraphRequest } from '../gateway/subgraph.ts'
import type { EntityMapping } from './entity-mapping.ts'
import { type Guard, createGuard } from './guard.ts'
import { type StepSettings, limitsOf } from './limits.ts'
import type { EntityChain, Step, StepStatus } from './step.ts'
import { type TableStep, createTableStep } from './table-step.ts'

/** A step with what watches it; the breaker and the bulkhead of a (subgraph, type, strategy) are here. */
export interface GuardedStep {
  readonly step: Step
  readonly guard: Guard
  /** Of a table. */
  readonly table: TableStep | undefined
  /** Tells whoever listens how a try came off. */
  record(request: SubgraphRequest, outcome: Outcome, durationMs: number): void
  status(): StepStatus
}

export interface StepSurroundings {
  subgraph: string
  settings: StepSettings | undefined
  onResolution: (resolution: Resolution) => void
  logger: Logger | undefined
}

/**
 * @param type undefined for the steps of root fields
 * @throws TypeError for a table without a mapping
 */
export function guardSteps(
  type: string | undefined,
  { steps, mapping }: EntityChain,
  { subgraph, settings, onResolution, logger }: StepSurroundings,
): GuardedStep[] {
  return steps.map((step) => {
    const { strategy } = step
    let lastOutcome: Outcome | undefined
    const guard = createGuard({
      limits: limitsOf(strategy, step.settings, settings),
      keepsTime: 'subgraph' in step && step.keepsTime === true,
      onState(breaker, cause) {
        const fields = { subgraph, type, strategy, breaker }
        if (breaker === 'closed') logger?.info(fields, 'a way to a subgraph works again')
        else logger?.warn({ ...fields, reason: reason(cause) }, 'a way to a subgraph has failed too often')
      },
    })
    return {
      step,
      guard,
      table: tableOf(subgraph, type, step, mapping, logger),
      record(request, outcome, durationMs) {
        lastOutcome = outcome
        const resolution = { subgraph, type, strategy, outcome, durationMs }
        request.request.resolved(resolution)
        onResolution(resolution)
      },
      status: () => ({ subgraph, type, strategy, breaker: guard.state, lastOutcome }),
    }
  })
}

function tableOf(
  subgraph: string,
  type: string | undefined,
  step: Step,
  mapping: EntityMapping | undefined,
  logger: Logger | undefined,
): TableStep | undefined {
  if ('subgraph' in step) return undefined
  if (!mapping) {
    throw new TypeError(`${type} of the subgraph ${subgraph} needs a mapping to be read by ${step.strategy}`)
  }
  const schema = step.strategy === 'fdw' ? step.schema : mapping.schema
  return createTableStep({
    mapping,
    driver: step.driver,
    place: { schema, table: mapping.table },
    logger,
  })
}
