import type { AppliedPositions } from '../../projections/positions/positions.ts'
import type { RebuildStatus } from '../../projections/status/read-rebuilds.ts'
import type { RecordedStatus } from '../../projections/status/read-status.ts'
import type { ProjectionStatus } from '../../projections/status/status.ts'
import type { Cached } from './cached.ts'

/** What a runner says of itself. */
export type RunnerFacts = Pick<
  ProjectionStatus,
  'name' | 'state' | 'positions' | 'lagEvents' | 'lagMs' | 'ratePerSecond' | 'lastBatch' | 'lastError'
>

/** Where the graph learns of the projections. */
export interface ProjectionFacts {
  /** How far they have come. */
  applied: AppliedPositions
  /** The runners of this process. */
  running: () => readonly RunnerFacts[]
  /** All of them, as the database and the logs have it. */
  recorded: () => Promise<RecordedStatus[]>
}

/** A projection as the graph shows it; what this process cannot know is null. */
export interface ProjectionOverview {
  name: string
  status: string
  version: number
  positions: { stream: string; applied: number; pending: number | null }[]
  lagEvents: number | null
  lagMs: number | null
  ratePerSecond: number | null
  batchSize: number | null
  lastError: string | null
  parked: number
  queued: number
  rebuild: RebuildOverview | null
}

interface RebuildOverview extends RebuildStatus {
  etaSeconds: number | null
}

/** The states of a runner that applies, or tries to: its word is newer and finer than what the database has. */
const AT_WORK = new Set(['up', 'lagging', 'down'])

/**
 * Everything that is known of every projection. What only its runner knows (events instead of sequences) is there
 * where the runner is in this process.
 */
export async function overviewsOf({
  running,
  recorded,
}: Pick<ProjectionFacts, 'running' | 'recorded'>): Promise<ProjectionOverview[]> {
  const all = await recorded()
  const here = new Map(running().map((status) => [status.name, status]))
  return all.map((one) => overviewOf(one, here.get(one.name)))
}

function overviewOf(recorded: RecordedStatus, here: RunnerFacts | undefined): ProjectionOverview {
  const { name, version, parked, queued, rebuild } = recorded
  const runner = here && AT_WORK.has(here.state) ? here : undefined
  const positions = Object.entries(recorded.positions).map(([stream, { applied, last }]) => ({
    stream,
    applied,
    pending: runner?.positions[stream]?.pending ?? (last === undefined ? null : Math.max(0, last - applied)),
  }))
  // A log that nobody here can read leaves the sum unknown.
  const isWhole = positions.every(({ pending }) => pending !== null)
  return {
    name,
    status: runner?.state ?? (here?.state === 'rebuilding' ? here.state : recorded.state),
    version,
    positions,
    lagEvents: runner?.lagEvents ?? (isWhole ? recorded.pending : null),
    lagMs: runner?.lagMs ?? (isWhole ? recorded.lagMs : null),
    ratePerSecond: runner?.ratePerSecond ?? recorded.ratePerSecond,
    batchSize: runner?.lastBatch?.commits ?? recorded.batchSize,
    lastError: runner ? messageOf(runner) : recorded.lastError,
    parked,
    queued,
    rebuild: rebuild && { ...rebuild, etaSeconds: etaOf(rebuild) },
  }
}

/** Errors that are not typed, and those of connections, may hold addresses: the log of the service has them. */
function messageOf({ lastError }: RunnerFacts): string | null {
  if (!lastError) return null
  const isOurs = lastError.position !== undefined || lastError.code.startsWith('PROJECTION_')
  return isOurs && lastError.code !== 'PROJECTION_FAILED'
    ? lastError.message
    : 'The last attempt failed; the log of the service says why'
}

function etaOf({ state, events, eventsTotal, rate }: RebuildStatus): number | null {
  if (state !== 'running' || rate <= 0) return null
  return Math.ceil(Math.max(0, eventsTotal - events) / rate)
}

/** For so long what the runners of this process said is taken for now: they are asked by every request. */
const NOW_MS = 50

/**
 * Answers the age of the oldest event that a projection has not applied. Its runner knows, if it is in this process;
 * otherwise it is what was last found out for the list of projections, some seconds old at most. A request waits for
 * neither, and where nothing is known yet it is told nothing: the positions alone say no age.
 */
export function createLags(
  running: ProjectionFacts['running'],
  overviews: Cached<ProjectionOverview[]>,
): (projection: string) => number | undefined {
  let here = new Map<string, number>()
  let asked = Number.NEGATIVE_INFINITY
  return (projection) => {
    if (performance.now() - asked > NOW_MS) {
      const atWork = running().filter(({ state }) => AT_WORK.has(state))
      here = new Map(atWork.map(({ name, lagMs }) => [name, lagMs]))
      asked = performance.now()
    }
    const lag = here.get(projection)
    if (lag !== undefined) return lag
    return overviews.peek()?.find(({ name }) => name === projection)?.lagMs ?? undefined
  }
}
