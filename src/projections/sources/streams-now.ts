import type { SourceStream } from './source-streams.ts'

/** When each of some streams was made: what tells one that was made anew from the one before. */
export type Made = ReadonlyMap<string, string>

export interface StreamsNow {
  made: Made
  /** Where each ends. */
  last: ReadonlyMap<string, number>
}

/** How the streams are now, which may be others than when their logs were opened. */
export async function streamsNow(streams: readonly SourceStream[]): Promise<StreamsNow> {
  const all = await Promise.all(
    streams.map(async ({ log }) => ({ stream: log.stream, ...(await log.bounds()) })),
  )
  return {
    made: new Map(all.map(({ stream, created }) => [stream, created])),
    last: new Map(all.map(({ stream, last }) => [stream, last])),
  }
}
