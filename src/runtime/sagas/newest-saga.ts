import { sql } from 'kysely'
import type { GraphContext } from '../../graph/context/context.ts'
import { defineLoader } from '../../graph/reads/define-loader.ts'
import type { ProjectionSource } from '../../graph/freshness/projection-source.ts'
import type { Position } from '../../streams/events/commit.ts'

/** The keys of the newest sagas with these ids, in one statement. */
const newest = defineLoader(async (ids: readonly string[], { db }) => {
  const { rows } = await sql<{ id: string; saga_id: string }>`
    select distinct on (saga_id) id, saga_id from tb_saga_projection where saga_id = any(${[...ids]})
    order by saga_id, started_at desc, id`.execute(db)
  const found = new Map(rows.map(({ id, saga_id }) => [saga_id, id]))
  return ids.map((id) => found.get(id))
})

interface NewestOptions {
  projection: ProjectionSource
  atLeast: Position | null | undefined
  context: GraphContext
}

/** The key of the newest saga with an id; undefined when there is none. */
export async function newestSaga(
  id: string,
  { projection, atLeast, context }: NewestOptions,
): Promise<string | undefined> {
  await context.beforeRead(projection, atLeast)
  return await newest(context).load(id)
}
