import type { RecordedEvent } from '../../streams/recorded-event.ts'
import type { SqlProjection } from '../definition.ts'
import { createWriter } from '../writer.ts'
import type { Shadow } from './shadow.ts'

/** Events whose statements make one transaction. */
const BATCH = 2000

/** The shadow of a projection by SQL: its statements, run on other tables. */
export function openSqlShadow(projection: SqlProjection, table: string): Shadow {
  const write = createWriter(projection, table)
  let waiting: RecordedEvent[] = []
  return {
    async take(events) {
      for (const event of events) waiting.push(event)
    },
    get isFull() {
      return waiting.length >= BATCH
    },
    async flush(writing) {
      await write(writing, waiting)
      waiting = []
    },
    // Its own migration has made what it needs.
    finish: async () => undefined,
  }
}
