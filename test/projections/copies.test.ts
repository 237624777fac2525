import { jetstreamManager } from '@nats-io/jetstream'
import { expect, it, onTestFinished } from 'vitest'
import { claimCopies } from '../../src/projections/copies/claim.ts'
import { writeCopies } from '../../src/projections/copies/write.ts'
import { openSession } from '../../src/projections/database/session.ts'
import type { Commit } from '../../src/streams/events/commit.ts'
import { eventSubject } from '../../src/streams/events/subjects.ts'
import { stackOfFile } from '../support/stack.ts'
import { moved, opened } from './accounts.ts'
import { openCopies } from './copies-support.ts'
import { account, cloudEvent, eventually, openSpace } from './support.ts'
import { request } from '../support/requests.ts'

const stack = stackOfFile()

it('commits are copied as they come: the same events, at the same positions', async () => {
  const space = await openSpace(stack())
  const log = await space.log('BANK', account)
  const copies = await openCopies(space)
  await space.commit('account', 'a', opened('"ann"\\ {ö,NULL}\u0000\n'))
  await space.commit('account', 'b', opened('bob'))
  await copies.start()
  await space.commit('account', 'a', moved(1), moved(2), moved(3))
  await copies.reached(await space.commit('account', 'a', moved(4)))
  const stored = await Array.fromAsync(log.read.forwards(eventSubject(space.namespace, 'account', 'a'), 1))
  expect(await copies.read('a')).toEqual(
    stored.map(({ position, aggregate, id, events }) => ({ position, aggregate, id, events })),
  )
  expect(await copies.versions('b')).toEqual([[1]])
  expect(await copies.versions('nobody')).toEqual([])
})

it('many are read with one statement, each from its version and up to its limit', async () => {
  const space = await openSpace(stack())
  await space.log('BANK', account)
  const copies = await openCopies(space)
  await copies.start()
  await space.commit('account', 'a', opened('ann'), moved(1))
  await space.commit('account', 'b', opened('bob'))
  await space.commit('account', 'a', moved(2), moved(3), moved(4))
  await copies.reached(await space.commit('account', 'a', moved(5)))
  const answers = await Promise.all([
    copies.versions('a'),
    copies.versions('a', { after: 2 }),
    copies.versions('a', { after: 3 }),
    copies.versions('a', { after: 3, limit: 1 }),
    copies.versions('a', { after: 6 }),
    copies.versions('b', { limit: 1 }),
  ])
  expect(answers).toEqual([
    [[1, 2], [3, 4, 5], [6]],
    [[3, 4, 5], [6]],
    [[3, 4, 5], [6]],
    [[3, 4, 5]],
    [],
    [[1]],
  ])
})

it('what is no commit is left out, and ends what can be read of its aggregate', async () => {
  const space = await openSpace(stack())
  const log = await space.log('BANK', account)
  const copies = await openCopies(space)
  const running = await copies.start()
  await space.commit('account', 'a', opened('ann'))
  const subject = eventSubject(space.namespace, 'account', 'a')
  await request(stack().nc, subject, 'no commit')
  await space.commit('account', 'b', opened('bob'))
  const events = [cloudEvent('account', 'a', 3, moved(1))]
  await copies.reached(await log.append({ subject, expected: 2, events }))
  expect(await copies.versions('a')).toEqual([[1]])
  expect(await copies.versions('b')).toEqual([[1]])
  expect(running.warnings).toEqual([])
})

it('copying goes on where it ended, and another process takes over', async () => {
  const space = await openSpace(stack())
  await space.log('BANK', account)
  const copies = await openCopies(space)
  const first = await copies.start()
  await copies.reached(await space.commit('account', 'a', opened('ann')))
  const second = await copies.start()
  await copies.reached(await space.commit('account', 'a', moved(1)))
  await first.stop()
  await copies.reached(await space.commit('account', 'a', moved(2)))
  await second.stop()
  await space.commit('account', 'a', moved(3))
  await copies.start()
  await copies.reached(await space.commit('account', 'a', moved(4)))
  expect(await copies.versions('a')).toEqual([[1], [2], [3], [4], [5]])
  expect(await space.rows('select count(*)::integer as n from tb_commit_copy')).toEqual([{ n: 5 }])
})

it('commits that are too large for one statement together are all copied', async () => {
  const space = await openSpace(stack())
  await space.log('BANK', account)
  const copies = await openCopies(space)
  const large = 'x'.repeat(2_500_000)
  for (const id of ['a', 'b', 'c']) await space.commit('account', id, opened(large))
  const end = await space.commit('account', 'a', moved(1))
  await copies.start({ batchSize: 100 })
  await copies.reached(end)
  expect(await copies.versions('a')).toEqual([[1], [2]])
  expect(await copies.versions('c')).toEqual([[1]])
})

it('of a stream that was made anew nothing is left of what was copied before', async () => {
  const space = await openSpace(stack())
  const before = await space.log('BANK', account)
  const copies = await openCopies(space)
  const first = await copies.start()
  await space.commit('account', 'a', opened('ann'))
  await copies.reached(await space.commit('account', 'a', moved(1)))
  await first.stop()
  await (await jetstreamManager(stack().nc)).streams.delete(before.stream)
  const after = await space.log('BANK', account)
  expect(after.created).not.toBe(before.created)
  expect(await copies.versions('a')).toEqual([])

  const subject = eventSubject(space.namespace, 'account', 'a')
  const events = [cloudEvent('account', 'a', 1, opened('anna'))]
  await copies.start()
  await copies.reached(await after.append({ subject, expected: 0, events }))
  expect(await copies.versions('a')).toEqual([[1]])
  expect(await space.rows('select count(*)::integer as n from tb_commit_copy')).toEqual([{ n: 1 }])
  const old = await copies.reader.read({ log: before, aggregate: 'account', id: 'a', after: 0, limit: 9 })
  expect(old).toEqual([])
})

it('copies of what the log has lost are thrown away, whether it has come as far again or not', async () => {
  const space = await openSpace(stack())
  const log = await space.log('BANK', account)
  const copies = await openCopies(space)
  const first = await copies.start()
  for (const event of [opened('ann'), moved(1)]) await space.commit('account', 'a', event)
  await copies.reached(await space.commit('account', 'a', moved(2)))
  await first.stop()
  const known = await claimCopies(space.database.db, log)
  expect(known?.sequence).toBe(3)
  expect(await claimCopies(space.database.db, log)).toEqual(known)
  // As if the commit there had been another one when it was copied.
  await space.rows(`update tb_commit_copy set events = '[]' where version = 3 returning version`)
  const anew = await claimCopies(space.database.db, log)
  expect(anew?.sequence).toBe(0)
  expect(anew?.id).not.toBe(known?.id)

  const second = await copies.start()
  await copies.reached(3)
  expect(await copies.versions('a')).toEqual([[1], [2], [3]])
  const { streams } = await jetstreamManager(stack().nc)
  const { config } = await streams.info(log.stream)
  await streams.delete(log.stream)
  await streams.add(config)
  await eventually('it is noticed', () => second.warnings.length > 0)
  expect(second.warnings[0]).toContain('ends at 0, and is copied up to 3')
  await eventually('nothing is left', async () => (await copies.versions('a')).length === 0)
})

it('whoever is no longer where the copies are writes nothing', async () => {
  const space = await openSpace(stack())
  const log = await space.log('BANK', account)
  const { read } = await openCopies(space)
  for (const event of [opened('ann'), moved(1)]) await space.commit('account', 'a', event)
  const tail = await log.tail({ startAt: { after: 0 } })
  onTestFinished(() => tail.close())
  const commits: Commit[] = []
  for await (const { commit } of tail) if (commits.push(commit) === 2) break
  const session = await openSession(space.database, 'BANK', 'copies')
  onTestFinished(() => session.end())
  const claim = await claimCopies(session.db, log)
  if (!claim) throw new Error('nothing could be claimed')

  const written = await writeCopies(session.client, claim, commits.slice(0, 1))
  expect(written).toMatchObject({ done: 1, claim: { id: claim.id, sequence: commits[0]?.position.sequence } })
  await expect(writeCopies(session.client, claim, commits)).rejects.toMatchObject({
    name: 'CopiesMovedError',
  })
  expect(await claimCopies(session.db, log)).toMatchObject(written.claim)
  expect(await read('a')).toHaveLength(1)
})

it('copying survives a crash of PostgreSQL (1 fault)', async () => {
  const space = await openSpace(stack())
  await space.log('BANK', account)
  const copies = await openCopies(space)
  const running = await copies.start()
  await copies.reached(await space.commit('account', 'a', opened('ann')))
  await stack().crashPostgres()
  const end = await space.commit('account', 'a', moved(1))
  await eventually('the loss is told', () => running.warnings.length > 0)
  await stack().startPostgres()
  await copies.reached(end)
  expect(await copies.versions('a')).toEqual([[1], [2]])
})
