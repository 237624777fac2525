import { LRUCache } from 'lru-cache'
import { type Commit, firstVersion } from '../../streams/events/commit.ts'
import { hasColumns } from '../reads/as-of.ts'
import type { GraphContext } from '../context/context.ts'
import type { EntityDefinition, EntityRow } from '../reads/entity.ts'
import { type Folded, foldRow, foldRows } from '../reads/fold-row.ts'
import type { Live } from './live.ts'

/** The rows that events left behind, folded from the log: the state at exactly that version, whenever it is asked for. */
export interface States<Row> {
  /**
   * The row after each event of a commit, null for none; the same for all who ask.
   * @throws UnknownEventError, EventNotApplicableError, LogUnavailableError, OverloadedError
   */
  after(commit: Commit, context: GraphContext): Promise<(Row | null)[]>
}

/** A kilobyte each, as a rule. What an event left behind never changes, so the key names the version. */
const KEPT = 10_000

/**
 * The row before a commit is mostly known from the commit before, or there is none; otherwise the aggregate's history is read up to
 * there, once for all clients. No database is asked, and no projection waited for.
 */
export function createStates<Row extends EntityRow>(
  { projection }: Pick<EntityDefinition<Row>, 'projection'>,
  live: Live,
): States<Row> {
  const kept = new LRUCache<string, { fold: Folded }>({ max: KEPT })
  const computed = new WeakMap<Commit, Promise<(Row | null)[]>>()

  async function before(commit: Commit, context: GraphContext): Promise<Folded> {
    const version = firstVersion(commit) - 1
    if (version === 0) return null
    const known = kept.get(`${commit.aggregate}.${commit.id}@${version}`)
    if (known) return known.fold
    const events = await context.history(commit.aggregate, commit.id).upTo(version).page(undefined, version)
    return foldRows(projection, events)
  }

  async function compute(commit: Commit, context: GraphContext): Promise<(Row | null)[]> {
    let fold = await before(commit, context)
    return commit.events.map(({ sequence }, index) => {
      const event = live.eventOf(commit, index)
      if (event) fold = foldRow(projection, fold, event)
      kept.set(`${commit.aggregate}.${commit.id}@${sequence}`, { fold })
      return hasColumns(projection, fold) ? fold : null
    })
  }

  return {
    after(commit, context) {
      const known = computed.get(commit)
      if (known) return known
      const rows = compute(commit, context)
      computed.set(commit, rows)
      // What failed may succeed for the next one; whoever waits for this one sees the failure.
      rows.catch(() => computed.delete(commit))
      return rows
    },
  }
}
