import { sql } from 'kysely'
import { HeadwaterError } from '../../streams/errors.ts'
import { hasColumns } from '../reads/as-of.ts'
import type { GraphContext } from '../context/context.ts'
import type { EntityDefinition, EntityRow } from '../reads/entity.ts'
import { BadUserInputError } from '../errors.ts'
import { isDataException } from '../reads/keyset.ts'
import { type Condition, allOf, conditionSql } from '../reads/select-rows.ts'
import { StateTooLargeError } from './errors.ts'

/** Rows of a projection, and the sequence of the log that they are the exact state at. */
export interface PresentState<Row> {
  rows: Row[]
  sequence: number
}

/** The projection has no table yet, or nobody has run it: there is no state to begin with. */
class NoStateError extends HeadwaterError {
  constructor(projection: string) {
    super({
      code: 'PROJECTION_BEHIND',
      status: 503,
      detail: `The projection ${projection} has not begun; ask again a little later`,
      retryAfterMs: 1000,
    })
  }
}

/**
 * The rows that fulfil the conditions, and the checkpoint: one statement, so that they belong to the same moment. What follows
 * that sequence in the log has not touched them.
 *
 * @throws StateTooLargeError when there are more than `limit`; BadUserInputError for a value that the database cannot read
 */
export async function presentState<Row extends EntityRow>(
  { table, projection }: Pick<EntityDefinition<Row>, 'table' | 'projection'>,
  stream: string,
  conditions: readonly Condition<Row>[],
  { db, limit }: Pick<GraphContext, 'db'> & { limit: number },
): Promise<PresentState<Row>> {
  const query = sql<Record<string, unknown>>`
    select c.sequence as headwater_sequence, r.*
    from tb_projection_checkpoint as c left join lateral (
      select * from ${sql.table(table)} as t where ${allOf(conditions.flatMap((one) => conditionSql(one)))}
      order by t.id limit ${limit + 1}) as r on true
    where c.projection = ${projection.name} and c.stream = ${stream}`
  const { rows } = await query.execute(db).catch((error: unknown) => {
    throw isDataException(error)
      ? new BadUserInputError('filter', 'holds a value that is out of range')
      : error
  })
  const sequence = rows[0]?.['headwater_sequence']
  if (typeof sequence !== 'number') throw new NoStateError(projection.name)
  if (rows.length > limit) throw new StateTooLargeError(limit)
  // Where nothing fits there is one row all the same, with the checkpoint alone.
  const found: unknown[] = rows.filter(({ id }) => id !== null)
  return { rows: found.filter((row) => hasColumns(projection, row)), sequence }
}
