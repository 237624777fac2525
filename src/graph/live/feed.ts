import type { Commit } from '../../streams/events/commit.ts'
import type { EventLog } from '../../streams/log/event-log.ts'
import { LogUnavailableError } from '../../streams/log-errors.ts'
import { type Backlog, type BacklogLimits, createBacklog, type Ending } from './backlog.ts'

/** One client's place at a feed. */
export interface Seat {
  /** What has a greater sequence comes here, in order; nothing else does. */
  readonly from: number
  take(): Promise<Commit | Ending>
  leave(): void
}

/** One consumer of a subject, shared. */
export interface Feed {
  /** Joins at the place where the feed is at this moment. */
  join(id: string | undefined, limits: BacklogLimits): Seat
  close(): Promise<void>
}

/**
 * Opens a feed of what comes from now on. It goes on over restarts of the server; should the consumer be lost for good, `onLost`
 * is called once, after every seat has been told.
 *
 * @throws LogUnavailableError
 */
export async function openFeed(log: EventLog, subject: string, onLost: () => void): Promise<Feed> {
  const { last } = await log.bounds()
  const tail = await log
    .tail({ startAt: { after: last }, subjects: [subject], malformed: 'keep' })
    .catch((error: unknown) => {
      throw new LogUnavailableError('refused', 'The log cannot be followed at this moment', error)
    })
  /** By aggregate; those of `undefined` want all. */
  const seats = new Map<string | undefined, Set<Backlog<Commit>>>()
  let position = last
  let isLost = false

  function tell(commit: Commit): undefined {
    position = commit.position.sequence
    for (const id of [undefined, commit.id])
      for (const buffer of seats.get(id) ?? []) buffer.push(commit, commit.size)
  }

  async function run(): Promise<void> {
    // However it ends, those who sit here read on from the log, and hear there what is wrong.
    await tail.each(tell).catch(() => undefined)
    isLost = true
    for (const buffers of seats.values()) for (const buffer of buffers) buffer.end('lost')
    onLost()
  }
  void run()

  return {
    join(id, limits) {
      const buffer = createBacklog<Commit>(limits)
      const buffers = seats.get(id) ?? new Set()
      seats.set(id, buffers.add(buffer))
      if (isLost) buffer.end('lost')
      return {
        from: position,
        take: () => buffer.take(),
        leave() {
          buffer.end('left')
          buffers.delete(buffer)
          if (buffers.size === 0 && seats.get(id) === buffers) seats.delete(id)
        },
      }
    },
    close: () => tail.close(),
  }
}
