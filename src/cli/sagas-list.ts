import { sql } from 'kysely'
import { HeadwaterError } from '../streams/errors.ts'
import { oneLine } from './one-line.ts'
import { formatTable } from './table.ts'
import { withDatabase } from './with-database.ts'

export interface ListOptions {
  name?: string
  /** In upper case. */
  status?: string
  limit: number
}

/** A saga as the list has it. */
export interface ListedSaga {
  name: string
  id: string
  status: string
  currentStep: string | null
  startedAt: string
  updatedAt: string
  finishedAt: string | null
  reason: { code: string; detail: string } | null
}

/** The newest sagas out of their table. Throws NO_SAGAS where none was ever projected. */
export async function listSagas({ name, status, limit }: ListOptions): Promise<ListedSaga[]> {
  return await withDatabase(async ({ database: { db } }) => {
    const conditions = [
      sql`true`,
      ...(name === undefined ? [] : [sql`name = ${name}`]),
      ...(status === undefined ? [] : [sql`status = ${status}`]),
    ]
    const query = sql<ListedSaga>`
      select name, saga_id as id, status, current_step as "currentStep", started_at as "startedAt",
        updated_at as "updatedAt", finished_at as "finishedAt", reason
      from tb_saga_projection where ${sql.join(conditions, sql` and `)}
      order by started_at desc, id limit ${limit}`
    const { rows } = await query.execute(db).catch((error: unknown) => {
      throw isMissingTable(error) ? noSagas(error) : error
    })
    return rows
  })
}

/** SQLSTATE 42P01, undefined_table. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const isMissingTable = (error: unknown) => error instanceof Error && 'code' in error && error.code === '42P01'

const noSagas = (cause: unknown) =>
  new HeadwaterError({
    code: 'NO_SAGAS',
    status: 404,
    detail: 'No service with sagas has run on this database yet',
    cause,
  })

const CAUSE_WIDTH = 80

export function sagaTable(rows: readonly ListedSaga[], limit: number): string[] {
  if (rows.length === 0) return ['there is no such saga']
  const shown = formatTable(
    ['SAGA', 'ID', 'STATUS', 'STEP', 'STARTED AT', 'UPDATED AT', 'REASON'],
    rows.map(({ name, id, status, currentStep, startedAt, updatedAt, reason }) => [
      name,
      id,
      status.toLowerCase(),
      currentStep ?? '-',
      startedAt,
      updatedAt,
      reason ? oneLine(`${reason.code}: ${reason.detail}`, CAUSE_WIDTH) : '-',
    ]),
  )
  return rows.length < limit ? shown : [...shown, `… the newest ${limit} of them`]
}
