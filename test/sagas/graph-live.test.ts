import { describe, expect, it } from 'vitest'
import { until } from '../support/until.ts'
import { overEventStream } from '../live/clients.ts'
import { serviceOfFile } from './graph-support.ts'

const { ask, send, service } = serviceOfFile()

const CHANGED = `subscription ($id: ID!, $name: String, $after: Cursor) {
  sagaChanged(id: $id, name: $name, after: $after) { type cursor event { id type version } saga { name status currentStep version } }
}`
const follow = (variables: Record<string, unknown>) =>
  overEventStream(service().endpoints.graph, CHANGED, variables)

const typesOf = (payloads: readonly { event?: Record<string, unknown> | null | undefined }[]) =>
  payloads.map(({ event }) => event?.['type'])

describe('sagaChanged', () => {
  it('tells the state, then every event with what it left behind; a cursor goes on where it was given', async () => {
    await send('approval', 'l-1', 'start', { amount: 1 })
    const first = follow({ id: 'l-1' })
    const [state] = await first.came(1)
    expect(state).toMatchObject({
      type: 'STATE',
      event: null,
      saga: { name: 'approval', status: 'RUNNING', currentStep: 'approve', version: 2 },
    })
    const cursor = first.lastCursor
    first.stop()
    await send('approval', 'l-1', 'signal', { step: 'approve', data: { by: 'Ana' } })
    await until('it to complete', async () => {
      const answer = await ask('{ saga(id: "l-1") { status } }')
      return answer.at('saga.status') === 'COMPLETED'
    })
    // Not given its name: the cursor is of that one, whatever has the id by now.
    await send('purchase', 'l-1', 'start', { things: ['pen'] }, 'completed')
    const second = follow({ id: 'l-1', after: cursor })
    const payloads = await second.came(5)
    expect(typesOf(payloads)).toEqual([
      'saga.signalled',
      'saga.step-succeeded',
      'saga.step-started',
      'saga.step-succeeded',
      'saga.completed',
    ])
    expect(payloads.map(({ saga }) => saga)).toEqual([
      { name: 'approval', status: 'RUNNING', currentStep: 'approve', version: 3 },
      { name: 'approval', status: 'RUNNING', currentStep: null, version: 4 },
      { name: 'approval', status: 'RUNNING', currentStep: 'pay', version: 5 },
      { name: 'approval', status: 'RUNNING', currentStep: null, version: 6 },
      { name: 'approval', status: 'COMPLETED', currentStep: null, version: 7 },
    ])
    second.stop()
    const third = follow({ id: 'l-1', after: payloads[1]?.cursor })
    expect(typesOf(await third.came(3))).toEqual([
      'saga.step-started',
      'saga.step-succeeded',
      'saga.completed',
    ])
    third.stop()
  })

  it('follows one that has not begun, by its name', async () => {
    const nameless = follow({ id: 'l-later' })
    await nameless.ending()
    expect(nameless.errors[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } })
    const told = follow({ id: 'l-later', name: 'purchase' })
    expect(await told.came(1)).toMatchObject([{ type: 'STATE', saga: null }])
    await send('purchase', 'l-later', 'start', { things: ['pen'] }, 'completed')
    const payloads = await told.came(11)
    expect(typesOf(payloads).slice(1)).toEqual([
      'saga.started',
      ...['reserve', 'pay', 'send', 'note'].flatMap(() => ['saga.step-started', 'saga.step-succeeded']),
      'saga.completed',
    ])
    told.stop()
  })

  it('takes no cursor of another saga', async () => {
    await send('purchase', 'l-2', 'start', { things: ['pen'] }, 'completed')
    const told = follow({ id: 'l-2' })
    await told.came(1)
    const cursor = told.lastCursor
    told.stop()
    for (const other of [{ id: 'l-3' }, { id: 'l-2', name: 'approval' }]) {
      const refused = follow({ ...other, after: cursor })
      await refused.ending()
      expect(refused.errors[0]?.extensions?.code).toBe('BAD_CURSOR')
    }
  })
})
