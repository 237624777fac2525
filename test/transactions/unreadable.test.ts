import { expect, test } from 'vitest'
import { connectTo, uniqueName, useNats } from '../streams/support.ts'
import { startReplica, upTo } from './support.ts'

const nats = useNats()

test('what cannot be read any more of one aggregate is told to those who name it, and not to those decided with them', async () => {
  const namespace = uniqueName()
  const replica = await startReplica(await connectTo(nats()), { namespace })
  const ids = upTo(8).map((n) => `a${n}`)
  for (const id of ids) await replica.submit(`jar.${id}.fill`, { count: 1 })
  // A conflict, so that what is in memory is not relied on for some rounds, and a commit that is none.
  const other = await startReplica(await connectTo(nats()), { namespace })
  expect(await other.submit(`jar.${ids[0]}.fill`, { count: 1 })).toMatchObject({ ok: true })
  replica.nc.publish(`${namespace}.evt.jar.${ids[5]}`, 'no commit')
  await replica.nc.flush()

  const replies = await Promise.all(ids.map((id) => replica.submit(`jar.${id}.pour`, { to: `b-${id}` })))
  expect(replies.map((reply) => (reply.ok ? 'ok' : reply.code))).toEqual(
    ids.map((_, index) => (index === 5 ? 'MALFORMED_COMMIT' : 'ok')),
  )
})
