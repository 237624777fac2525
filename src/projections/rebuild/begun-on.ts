import { z } from 'zod'
import type { Job } from '../jobs/job.ts'
import type { Made, StreamsNow } from '../sources/streams-now.ts'

/** What a job keeps of the streams that its positions are of, beside these. */
const Kept = z.object({ streams: z.record(z.string(), z.string()).default({}) })

export const keptOf = (made: Made) => ({ streams: Object.fromEntries(made) })

/** Whether the positions that a job has come to are places in the streams as they are now. */
export function isBegunOn(
  { positions, result, started_at }: Pick<Job, 'positions' | 'result' | 'started_at'>,
  { made, last }: StreamsNow,
): boolean {
  const kept = Kept.parse(result ?? {}).streams
  return Object.entries(positions).every(([stream, position]) => {
    const created = made.get(stream) ?? ''
    if (position > (last.get(stream) ?? 0)) return false
    const before = kept[stream]
    // A release before this one kept nothing: the stream is the same if it was there before the job was begun.
    return before === undefined ? Date.parse(created) < Date.parse(started_at ?? '') : before === created
  })
}
