import { expect, test } from 'vitest'
import { connectTo, useNats } from '../streams/support.ts'
import { type ServiceOptions, send, startService } from './support.ts'

const nats = useNats()
const WAIT = { Wait: 'completed' }

async function startConcluding(conclude?: ServiceOptions['conclude']) {
  return await startService(await connectTo(nats()), conclude && { conclude })
}

test('who waits hears how it ended; who does not, and who was refused, hears at once', async () => {
  const asked: string[] = []
  const service = await startConcluding(async (command, reply) => {
    asked.push(`${command.name} ${reply.version}`)
    return { ...reply, saga: { status: 'completed' } }
  })
  expect(await send(service, 'a.add', { by: 1 }, WAIT)).toMatchObject({
    version: 1,
    saga: { status: 'completed' },
  })
  expect(await send(service, 'a.add', { by: 1 })).not.toHaveProperty('saga')
  expect(await send(service, 'a.add-below', { by: 1, limit: 0 }, WAIT)).toMatchObject({ code: 'THING_FULL' })
  expect(asked).toEqual(['add 1'])
})

test('where an end cannot be waited for, the command was accepted all the same, and the reason is told', async () => {
  const service = await startConcluding(() => Promise.reject(new Error('nobody knows')))
  expect(await send(service, 'a.add', { by: 1 }, WAIT)).toMatchObject({ ok: true, version: 1 })
  expect(service.errors).toEqual([new Error('nobody knows')])
})

test('where nobody knows of an end, who waits hears that it was accepted', async () => {
  const service = await startConcluding()
  expect(await send(service, 'a.add', { by: 1 }, WAIT)).toMatchObject({ ok: true, version: 1 })
})

test('nothing but completed can be waited for', async () => {
  const service = await startConcluding()
  expect(await send(service, 'a.add', { by: 1 }, { Wait: 'long' })).toMatchObject({
    status: 400,
    code: 'INVALID_HEADER',
    errors: [{ path: 'Wait', message: 'must be completed' }],
  })
})
