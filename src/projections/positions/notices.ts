/**
 * Every batch says where it has brought its projection, to whoever listens in this schema, with the commit that made it
 * so: `{"projection":"order","positions":{"ORDERS":42}}`. A listener that was away reads the checkpoints.
 * https://www.postgresql.org/docs/18/sql-notify.html
 */
export interface AppliedNotice {
  projection: string
  /** The sequences applied, of the streams that moved. */
  positions: Record<string, number>
}

/** A channel is an identifier of at most 63 bytes, and a schema's name may have as many. */
export function channelOf(schema: string): string {
  return `headwater.${schema}`.slice(0, 63)
}

export function encodeNotice(notice: AppliedNotice): string {
  return JSON.stringify(notice)
}

/** Undefined for what is none: any role may notify on any channel. */
export function decodeNotice(payload: string | undefined): AppliedNotice | undefined {
  try {
    const notice: unknown = JSON.parse(payload ?? '')
    return isNotice(notice) ? notice : undefined
  } catch {
    return undefined
  }
}

function isNotice(value: unknown): value is AppliedNotice {
  if (typeof value !== 'object' || value === null) return false
  if (!('projection' in value && 'positions' in value)) return false
  const { projection, positions } = value
  return (
    typeof projection === 'string' &&
    typeof positions === 'object' &&
    positions !== null &&
    Object.values(positions).every((sequence) => typeof sequence === 'number')
  )
}
