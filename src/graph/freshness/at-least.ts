import { BadUserInputError } from '../errors.ts'
import type { Position } from '../../streams/events/commit.ts'

/** The header that says what every row of an answer has to know of: `Headwater-At-Least: ORDERS=42, CUSTOMERS=7`. */
export const AT_LEAST_HEADER = 'headwater-at-least'

const ENTRY = /^\s*([^\s=,]+)=(\d{1,16})\s*$/

/** The sequences of the header by stream, none without it; undefined when it is malformed. */
export function parseAtLeast(header: string | string[] | undefined): ReadonlyMap<string, number> | undefined {
  const positions = new Map<string, number>()
  if (header === undefined) return positions
  for (const entry of String(header).split(',')) {
    const [, stream, digits] = ENTRY.exec(entry) ?? []
    const sequence = Number(digits)
    if (stream === undefined || !Number.isSafeInteger(sequence)) return undefined
    raise(positions, { stream, sequence })
  }
  return positions
}

/** Of two sequences of one stream, the later one holds. */
export function raise(positions: Map<string, number>, { stream, sequence }: Position): void {
  positions.set(stream, Math.max(sequence, positions.get(stream) ?? 0))
}

/** @throws BadUserInputError when no row of a projection that reads these streams can ever know of the position */
export function checkPosition(
  { stream, sequence }: Position,
  projection: string,
  streams: readonly string[],
) {
  if (sequence < 0) throw new BadUserInputError('atLeast.sequence', `must be 0 or more; it is ${sequence}`)
  if (!streams.includes(stream)) {
    const message = `the projection ${projection} does not read ${JSON.stringify(stream.slice(0, 100))}; it reads ${streams.join(', ')}`
    throw new BadUserInputError('atLeast.stream', message)
  }
}
