import type { Commit } from '../../streams/events/commit.ts'
import { ofCommit } from '../batch/decode-batch.ts'
import type { SqlProjection } from '../definition/definition.ts'
import { isTransientInDatabase } from '../errors.ts'
import { BatchEventError } from '../batch/fold-batch.ts'
import { type Writing, createWriter, writeOneByOne } from '../batch/writer.ts'
import type { Intake } from './intake.ts'
import type { Shadow } from './shadow.ts'

/** Commits whose statements make one pass. */
const BATCH = 2000

/** The shadow of a projection by SQL: its statements, run on other tables. */
export function openSqlShadow(projection: SqlProjection, table: string, intake: Intake): Shadow {
  const write = createWriter(projection, table)
  let waiting: Commit[] = []

  async function apply(writing: Writing, commits: Commit[]): Promise<void> {
    const { batch, parking, settle } = intake.open(commits)
    const { client } = writing
    await client.query('savepoint batch')
    try {
      await write(writing, batch.events)
    } catch (error) {
      if (!(error instanceof BatchEventError) && isTransientInDatabase(error)) throw error
      if (!parking)
        throw error instanceof BatchEventError ? ofCommit(projection.name, commits, batch, error) : error
      await client.query('rollback to savepoint batch')
      await writeOneByOne(write, writing, batch.events, parking)
    }
    await client.query('release savepoint batch')
    settle()
  }

  return {
    async take(commits) {
      for (const commit of commits) waiting.push(commit)
    },
    get isFull() {
      return waiting.length >= BATCH
    },
    async flush(writing) {
      for (let from = 0; from < waiting.length; from += BATCH) {
        await apply(writing, waiting.slice(from, from + BATCH))
      }
      waiting = []
      await intake.flush(writing.client)
    },
    // Its own migration has made what it needs.
    finish: async () => undefined,
  }
}
