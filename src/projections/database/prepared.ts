import { createHash } from 'node:crypto'
import { DatabaseError, type Pool, type QueryResultRow } from 'pg'

/** A statement whose text is always the same, with `$1` … for its values. */
export interface PreparedStatement {
  readonly name: string
  readonly text: string
}

/** Reads with a statement that PostgreSQL parses and plans once a connection, not each time. */
export type ReadPrepared = <Row extends QueryResultRow>(
  statement: PreparedStatement,
  values: unknown[],
) => Promise<Row[]>

export function preparedStatement(text: string): PreparedStatement {
  return { name: `hw_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`, text }
}

/** `feature_not_supported`: here, "cached plan must not change result type". */
const OUT_OF_DATE = '0A000'

/**
 * A table may be exchanged for one with other columns, when a changed projection has been rebuilt: what was prepared for the old one is
 * then prepared anew, under another name, since the connections keep the old one.
 */
export function preparedReader(pool: Pool): ReadPrepared {
  const epochs = new Map<string, number>()
  return async <Row extends QueryResultRow>({ name, text }: PreparedStatement, values: unknown[]) => {
    const epoch = epochs.get(name) ?? 0
    try {
      const { rows } = await pool.query<Row>({ name: `${name}_${epoch}`, text, values })
      return rows
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.code !== OUT_OF_DATE) throw error
      epochs.set(name, epoch + 1)
      const { rows } = await pool.query<Row>(text, values)
      return rows
    }
  }
}
