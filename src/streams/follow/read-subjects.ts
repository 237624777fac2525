import type { StoredMessage } from '../events/stored-message.ts'
import { type LookupOptions, leaderNextOf } from '../log/lookup.ts'

/**
 * The messages of some literal subjects from a sequence up to another, in the order of the stream, as the leader has them. A
 * request for each: for what is read seldom.
 * @throws LogUnavailableError
 */
export async function* readSubjects(
  lookup: LookupOptions,
  subjects: readonly string[],
  from: number,
  to: number,
): AsyncGenerator<StoredMessage> {
  const next = (subject: string, after: number) => leaderNextOf(subject, after, lookup)
  const heads = new Map<string, StoredMessage>()
  for (const subject of subjects) {
    const message = await next(subject, from - 1)
    if (message) heads.set(subject, message)
  }
  for (;;) {
    const [first] = [...heads.values()].toSorted((a, b) => a.sequence - b.sequence)
    if (!first || first.sequence > to) return
    yield first
    const following = await next(first.subject, first.sequence)
    if (following) heads.set(first.subject, following)
    else heads.delete(first.subject)
  }
}
