/** Lower case only, so that the name means the same with and without quotes in whatever SQL a reader writes. */
const COLUMN = /^[a-z_][a-z0-9_]{0,62}$/
/** PostgreSQL cuts names off after 63 bytes: this leaves room for `tb_…_projection` and a suffix of a table beside it. */
const NAME = /^[a-z][a-z0-9_]{0,39}$/
const SCHEMA = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/

/** @throws TypeError unless the text may stand in the names of a projection's table and view */
export function assertProjectionName(name: string): void {
  // `tb_a_projection_b_projection` would pass for a second table of the projection `a`.
  if (!NAME.test(name) || name.includes('projection')) {
    throw invalid('projection name', name, '1 to 40 of a-z 0-9 _, a letter first, without "projection"')
  }
}

/** @throws TypeError unless the text may be the name of a column */
export function assertColumnName(name: string): void {
  if (!COLUMN.test(name)) throw invalid('column name', name, '1 to 63 of a-z 0-9 _, no digit first')
}

/** @throws TypeError unless the text may be the name of a schema */
export function assertSchemaName(name: string): void {
  if (!SCHEMA.test(name)) throw invalid('schema name', name, '1 to 63 of A-Z a-z 0-9 _, no digit first')
}

/** An identifier as it stands in SQL text. The names here are validated where they are declared; this keeps their case. */
export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}

/** Where the rows of a projection are: `tb_order_projection`. */
export function tableOf(name: string): string {
  return `tb_${name}_projection`
}

/**
 * A projection's other tables, for a while: `shadow` is filled beside the live one by a rebuild, `retired` is the one that it
 * replaced, `check` is filled to be compared. Each prefix is no longer than `tb_`'s and one, so that the names of indexes
 * still fit; and like the live one's, no such name is the beginning of another projection's.
 */
export function besideOf(name: string, what: 'shadow' | 'retired' | 'check'): string {
  return `${PREFIXES[what]}_${name}_projection`
}

const PREFIXES = { shadow: 'new', retired: 'old', check: 'chk' }

/** What readers select from, whichever table is behind it: `v_order`. */
export function viewOf(name: string): string {
  return `v_${name}`
}

function invalid(what: string, name: string, rule: string): TypeError {
  return new TypeError(`The ${what} ${JSON.stringify(name.slice(0, 80))} is not valid: ${rule}`)
}
