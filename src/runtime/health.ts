import type { NatsConnection } from '@nats-io/transport-node'
import type { ProjectionStatus } from '../projections/status/status.ts'
import { HeadwaterError } from '../streams/errors.ts'
import { within } from '../streams/waiting/within.ts'
import type { OpenGateway } from './federation/open-gateway.ts'
import { type SubgraphHealth, subgraphHealth } from './federation/subgraph-health.ts'
import { redactText } from './redact-text.ts'

export type Condition = 'up' | 'lagging' | 'degraded' | 'down'

export interface ComponentHealth {
  status: Condition
  /** What is wrong, in words that hold no address. */
  reason?: string
}

/** What `/health/ready` answers: 200 while the service can do its work, even if slowly; 503 otherwise. */
export interface Readiness {
  status: 'up' | 'degraded' | 'down' | 'draining'
  /** Absent where the process has none: a gateway alone. */
  nats?: ComponentHealth
  postgres?: ComponentHealth
  projections: (ComponentHealth & {
    name: string
    state: string
    lagEvents: number
    lagMs: number
    parked: number
  })[]
  /** Of the gateway, if this process is one. A rejected schema is told by its reason; the last good one serves. */
  subgraphs?: SubgraphHealth[]
  schemaRejected?: string
}

export interface HealthSources {
  nc?: NatsConnection
  /** Asks PostgreSQL for anything. */
  queryDatabase?: () => Promise<unknown>
  gateway?: Pick<OpenGateway, 'chains' | 'watch'> | undefined
  projections: () => readonly ProjectionStatus[]
  draining: () => boolean
}

const PATIENCE_MS = 1000

/** Looks at NATS, PostgreSQL and every projection runner of this process now. */
export async function readiness({
  nc,
  queryDatabase,
  projections,
  gateway,
  draining,
}: HealthSources): Promise<Readiness> {
  const [nats, postgres, subgraphs] = await Promise.all([
    nc && answers(() => nc.rtt(), 'NATS does not answer'),
    queryDatabase && answers(queryDatabase, 'PostgreSQL does not answer'),
    gateway && subgraphHealth(gateway, PATIENCE_MS),
  ])
  const rejected = gateway?.watch?.rejected()
  const runners = projections().map((status) => ({
    name: status.name,
    state: status.state,
    status: condition(status),
    lagEvents: status.lagEvents,
    lagMs: status.lagMs,
    parked: status.parked,
    ...reasonOf(status),
  }))
  const parts = [nats, postgres, ...runners].filter((part) => part !== undefined)
  const isGraphSound = !rejected && (subgraphs ?? []).every(({ status }) => status === 'up')
  const overall = parts.some(({ status }) => status === 'down')
    ? 'down'
    : parts.some(({ status }) => status !== 'up') || !isGraphSound
      ? 'degraded'
      : 'up'
  return {
    status: draining() ? 'draining' : overall,
    ...(nats && { nats }),
    ...(postgres && { postgres }),
    projections: runners,
    ...(subgraphs && { subgraphs }),
    ...(rejected && { schemaRejected: told(rejected) }),
  }
}

/** Whoever reaches the port reads it: what was thrown on purpose says what is wrong, anything else is the log's alone. */
const told = (rejected: Error) =>
  rejected instanceof HeadwaterError
    ? redactText(rejected.message)
    : 'The changed schema of a subgraph could not be put into force; the log of the gateway says why'

/**
 * A standby is up: another process runs the projection. One that a newer release has taken over is up there as well. While a
 * table is built anew the old one serves; with parked events all but a few rows are right.
 */
function condition({ state, parked }: ProjectionStatus): Condition {
  if (state === 'standby' || state === 'superseded') return 'up'
  if (state === 'rebuilding') return 'degraded'
  if (state === 'up') return parked > 0 ? 'degraded' : 'up'
  return state === 'lagging' ? 'lagging' : 'down'
}

function reasonOf({ lastError, parked }: ProjectionStatus): { reason?: string } {
  if (lastError) return { reason: 'the last attempt failed; the log of the service says why' }
  return parked > 0
    ? { reason: `${parked} events are parked: headwater projections parked list shows them` }
    : {}
}

async function answers(ask: () => Promise<unknown>, reason: string): Promise<ComponentHealth> {
  try {
    const answer = await within(PATIENCE_MS, ask())
    return answer ? { status: 'up' } : { status: 'down', reason }
  } catch {
    return { status: 'down', reason }
  }
}
