import { z } from 'zod'
import type { Job } from '../jobs/job.ts'
import type { SourceStream } from '../sources/source-streams.ts'

/** When each of the streams was made that a rebuild reads: what tells one that was made anew from the one before. */
export type Made = ReadonlyMap<string, string>

interface Standing {
  made: Made
  /** Where each ends. */
  last: ReadonlyMap<string, number>
}

/** How the streams are now. */
export async function standingOf(streams: readonly SourceStream[]): Promise<Standing> {
  const all = await Promise.all(
    streams.map(async ({ log }) => ({ stream: log.stream, ...(await log.bounds()) })),
  )
  return {
    made: new Map(all.map(({ stream, created }) => [stream, created])),
    last: new Map(all.map(({ stream, last }) => [stream, last])),
  }
}

/** What a job keeps of the streams that its positions are of, beside these. */
const Kept = z.object({ streams: z.record(z.string(), z.string()).default({}) })

export const keptOf = (made: Made) => ({ streams: Object.fromEntries(made) })

/** Whether the positions that a job has come to are places in the streams as they are now. */
export function isBegunOn(
  { positions, result, started_at }: Pick<Job, 'positions' | 'result' | 'started_at'>,
  { made, last }: Standing,
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
