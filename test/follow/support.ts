import type { NatsConnection } from '@nats-io/nats-core'
import { onTestFinished } from 'vitest'
import type { Commit } from '../../src/streams/events/commit.ts'
import { type Follower, openFollower } from '../../src/streams/follow/follower.ts'
import { logSource } from '../../src/streams/follow/log-source.ts'
import type { FollowerOptions } from '../../src/streams/follow/options.ts'
import { FOLLOWER_SETTINGS, type FollowerSettings } from '../../src/streams/follow/settings.ts'
import { type FollowerStore, openFollowerStore } from '../../src/streams/follow/store.ts'
import { type TestLog, someEvents } from '../streams/support.ts'

export const quiet = { debug() {}, info() {}, warn() {}, error() {} }

/** As the real ones, only that nobody has to wait for a second to pass. */
export const quick: FollowerSettings = { ...FOLLOWER_SETTINGS, retryMaxMs: 100, tickMs: 50 }

export async function storeOf(nc: NatsConnection, namespace: string): Promise<FollowerStore> {
  return await openFollowerStore({ nc, bucket: `${namespace}_followers`, replicas: 1, storage: 'file' })
}

export const named = ({ log }: TestLog, name = 'one') => ({ kind: 'test', name, stream: log.stream })

export type Changes = Partial<FollowerOptions<Commit>>

/** A follower of the things, not started. It is stopped with the test. */
export async function followThings(
  nc: NatsConnection,
  things: TestLog,
  changes: Changes = {},
): Promise<Follower> {
  const { log, namespace } = things
  const follower = await openFollower({
    store: await storeOf(nc, namespace),
    kind: 'test',
    name: 'one',
    source: await logSource({ nc, namespace, log, aggregates: ['thing'] }),
    beginning: 'beginning',
    order: 'aggregate',
    handler: () => async () => {},
    logger: quiet,
    settings: quick,
    ...changes,
  })
  onTestFinished(() => follower.stop())
  return follower
}

/** `a 1`: the event of a commit, by its aggregate and version. */
export function nameOf({ id, events }: Commit, index: number): string {
  return `${id} ${events[index]?.sequence ?? '?'}`
}

/** A handler that keeps what it has done, and fails where it is told to. */
export function recorder(fails: (name: string) => unknown = () => undefined) {
  const done: string[] = []
  return {
    done,
    handler: () => async (commit: Commit, index: number) => {
      if (commit.malformed) throw commit.malformed
      const name = nameOf(commit, index)
      const failure = fails(name)
      if (failure) throw failure
      done.push(name)
    },
  }
}

/** Appends one commit of an aggregate that has `version - 1` events in commits of one each. */
export async function appendOne({ log, subject }: TestLog, id: string, version: number): Promise<number> {
  const expected = await log.leaderSequence(subject(id))
  return await log.append({ subject: subject(id), expected, events: someEvents(version, 1) })
}
