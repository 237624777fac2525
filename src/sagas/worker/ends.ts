import type { NatsConnection } from '@nats-io/nats-core'
import type { SagaName } from './timers.ts'

/** Who waits for the end of a saga, and who tells of it, in all processes. */
export interface SagaEnds {
  /** A saga has ended, or is parked: tells all processes. It may be lost: whoever waits looks from time to time. */
  tell(whose: SagaName): void
  /** Resolves when somebody tells of it, when it is time to look, or when the signal comes. */
  next(whose: SagaName, signal: AbortSignal): Promise<void>
  close(): void
}

/** A notice may be lost with a connection: so often whoever waits looks for himself. */
const LOOK_MS = 1000

/** @param lookMs after so long whoever waits looks for himself */
export function openSagaEnds(nc: NatsConnection, namespace: string, lookMs = LOOK_MS): SagaEnds {
  const prefix = `${namespace}.saga-end.`
  const waiting = new Map<string, Set<() => void>>()
  const subscription = nc.subscribe(`${prefix}>`, {
    callback(error, { subject }) {
      if (!error) for (const resolve of waiting.get(subject) ?? []) resolve()
    },
  })

  return {
    tell: ({ saga, id }) => nc.publish(`${prefix}${saga}.${id}`),
    next({ saga, id }, signal) {
      const subject = `${prefix}${saga}.${id}`
      return new Promise<void>((resolve) => {
        const those = waiting.get(subject) ?? new Set()
        waiting.set(subject, those)
        const done = () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', done)
          those.delete(done)
          if (those.size === 0) waiting.delete(subject)
          resolve()
        }
        const timer = setTimeout(done, lookMs)
        those.add(done)
        signal.addEventListener('abort', done, { once: true })
        if (signal.aborted) done()
      })
    },
    close: () => subscription.unsubscribe(),
  }
}
