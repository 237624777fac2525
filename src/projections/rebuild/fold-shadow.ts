import type { FoldProjection } from '../definition/definition.ts'
import { keysOf } from '../batch/fold-batch.ts'
import type { Session } from '../database/session.ts'
import { filledTable } from './filled-table.ts'
import { foldCommits } from './fold-commits.ts'
import { createFoldedRows } from './folded-rows.ts'
import type { Intake } from './intake.ts'
import type { RebuildLimits } from '../jobs/limits.ts'
import type { Shadow } from './shadow.ts'

export interface FoldShadowOptions {
  session: Session
  projection: FoldProjection
  table: string
  intake: Intake
  /** About how many rows there will be at most. */
  expectedRows: number
  /** Whether the table was begun by an earlier attempt. */
  resumed: boolean
  limits: Pick<RebuildLimits, 'rows' | 'bytes'>
}

/** The shadow of a fold: rows are folded in memory, and written when there are too many of them. */
export async function openFoldShadow(options: FoldShadowOptions): Promise<Shadow> {
  const { session, projection, intake, expectedRows, resumed, limits } = options
  const table = filledTable(session, projection, options.table, expectedRows)
  const folded = createFoldedRows()
  let bytes = 0
  const isFull = () => folded.size >= limits.rows || bytes >= limits.bytes
  if (resumed) await table.resume()

  /** Brings the rows of these keys into memory, from the table where it may have them. */
  async function load(keys: string[]): Promise<void> {
    const wanted: string[] = []
    for (const key of keys) {
      if (folded.has(key)) continue
      if (table.mayHave(key)) wanted.push(key)
      else folded.bring(key, null)
    }
    if (wanted.length === 0) return
    const found = await table.read(wanted)
    for (const key of wanted) folded.bring(key, found.get(key) ?? null)
  }

  return {
    async take(commits) {
      const { batch, parking, settle } = intake.open(commits)
      await load(keysOf(projection, batch.events, parking))
      for (const { size } of commits) bytes += size
      foldCommits(projection, folded, commits, batch, parking)
      settle()
    },
    get isFull() {
      return isFull()
    },
    async flush(writing) {
      await table.write(writing, folded.changes())
      await intake.flush(writing.client)
      if (isFull()) {
        folded.clear()
        bytes = 0
      } else folded.settle()
    },
    finish: (writing) => table.finish(writing),
  }
}
