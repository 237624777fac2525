import type { CommandEnvelope } from '../commands/client/command-sender.ts'

/** How many lines may be read ahead for each one that is being sent: enough to find work beside a busy aggregate. */
const READ_AHEAD = 16

/**
 * Sends commands concurrently, but those of one aggregate one after another in the order given. Reads no more of the
 * input than it can have in hand: memory stays flat whatever the input's length. When `send` throws, nothing further is
 * sent, and the error is thrown once what was under way has ended.
 */
export async function sendInOrder<T extends { envelope: CommandEnvelope }>(
  lines: AsyncIterable<T>,
  concurrency: number,
  send: (line: T) => Promise<void>,
): Promise<void> {
  const last = new Map<string, Promise<void>>()
  const inHand = new Set<Promise<void>>()
  const waiting: (() => void)[] = []
  let sending = 0
  let failure: { error: unknown } | undefined

  async function place(): Promise<void> {
    if (sending < concurrency) sending++
    else await new Promise<void>((resolve) => waiting.push(resolve))
  }
  function leave(): void {
    const next = waiting.shift()
    if (next) next()
    else sending--
  }
  async function sendAfter(before: Promise<void> | undefined, line: T): Promise<void> {
    await before
    await place()
    try {
      if (!failure) await send(line)
    } catch (error) {
      failure ??= { error }
    } finally {
      leave()
    }
  }

  for await (const line of lines) {
    if (failure) break
    const key = `${line.envelope.aggregate}.${line.envelope.id}`
    const done = sendAfter(last.get(key), line)
    last.set(key, done)
    const tracked = done.finally(() => {
      inHand.delete(tracked)
      if (last.get(key) === done) last.delete(key)
    })
    inHand.add(tracked)
    if (inHand.size >= concurrency * READ_AHEAD) await Promise.race(inHand)
  }
  await Promise.all(inHand)
  if (failure) throw failure.error
}
