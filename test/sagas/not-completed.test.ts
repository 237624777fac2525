import { expect, it } from 'vitest'
import { notCompleted } from '../../src/sagas/worker/not-completed.ts'

const reason = { code: 'DECLINED', detail: 'no money' }

it('a saga that was undone says which step failed, why, and what was undone', () => {
  const reply = notCompleted('c-1', 'saga.compensated', {
    step: 'pay',
    reason,
    compensated: ['reserve', 'create'],
  })
  expect(reply).toEqual({
    ok: false,
    status: 422,
    code: 'DECLINED',
    title: 'The saga was undone',
    detail: 'The saga is compensated, for its step pay failed: no money; undone: reserve, create',
    errors: [],
    saga: { status: 'compensated', step: 'pay', compensated: ['reserve', 'create'] },
  })
})

it('one that was given up names no step, and one without a known reason says so', () => {
  expect(notCompleted('c-1', 'saga.abandoned', { reason, compensated: [] })).toEqual({
    ok: false,
    status: 422,
    code: 'DECLINED',
    title: 'The saga was given up',
    detail: 'The saga is abandoned: no money',
    errors: [],
    saga: { status: 'abandoned', compensated: [] },
  })
  expect(notCompleted('c-1', 'saga.abandoned', { compensated: [] })).toMatchObject({
    code: 'SAGA_NOT_COMPLETED',
    detail: 'The saga is abandoned: no reason given',
  })
})

it('a parked one says how it goes on', () => {
  const { title, detail } = notCompleted('c-1', 'saga.parked', { step: 'pay', reason, compensated: [] })
  expect(title).toBe('The saga is parked')
  expect(detail).toBe(
    'The saga is parked, for its step pay failed: no money. Somebody has to say how it goes on: headwater sagas show c-1',
  )
})
