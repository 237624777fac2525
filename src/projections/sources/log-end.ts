import { MalformedCommitError } from '../../streams/events/commit.ts'
import type { EventLog } from '../../streams/log/event-log.ts'

/** The sequence of the last message under any of the subjects, 0 for none. */
export async function lastSequence(log: EventLog, subjects: readonly string[]): Promise<number> {
  return Math.max(0, ...(await Promise.all(subjects.map((subject) => lastOf(log, subject)))))
}

/** Of the last message, whatever it is: one that is no commit counts too, since it is parked where it stands. */
async function lastOf(log: EventLog, subject: string): Promise<number> {
  try {
    return (await log.read.last(subject))?.position.sequence ?? 0
  } catch (error) {
    if (error instanceof MalformedCommitError) return error.position.sequence
    throw error
  }
}
