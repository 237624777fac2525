import { expect, it } from 'vitest'
import { courseOf, notCompleted } from '../../src/sagas/worker/not-completed.ts'
import { connectTo, openTestLog, someEvents, useNats } from '../streams/support.ts'

const nats = useNats()
const reason = { code: 'DECLINED', detail: 'no money' }
const failure = { status: 422, ...reason }

it('a saga that was undone says which step failed, why, and what was undone', () => {
  const reply = notCompleted('c-1', 'saga.compensated', {
    step: 'pay',
    reason,
    compensated: ['reserve', 'create'],
  })
  expect(reply).toStrictEqual({
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
  expect(notCompleted('c-1', 'saga.abandoned', { reason, compensated: [] })).toStrictEqual({
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

it.each<[string, [string, object][], object]>([
  [
    'the step that failed last, and what was undone after it',
    [
      ['saga.compensating', { reason: failure, step: 'pay' }],
      ['saga.compensation-succeeded', { step: 'reserve', attempt: 1, replies: [] }],
      ['saga.compensation-succeeded', { step: 'create', attempt: 1, replies: [] }],
      ['saga.compensated', { reason: failure }],
    ],
    { step: 'pay', reason: failure, compensated: ['reserve', 'create'] },
  ],
  [
    'no step, where a person or a deadline undid it',
    [['saga.compensating', { reason: failure }]],
    { reason: failure, compensated: [] },
  ],
  [
    'why it is parked, with the code of that and the failure in the words',
    [['saga.parked', { code: 'STEP_FAILED_AFTER_PIVOT', step: 'note', failure }]],
    {
      step: 'note',
      reason: { code: 'STEP_FAILED_AFTER_PIVOT', detail: 'DECLINED: no money' },
      compensated: [],
    },
  ],
  [
    'who gave it up, whatever failed before',
    [
      ['saga.compensating', { reason: failure, step: 'pay' }],
      ['saga.abandoned', { reason: { ...failure, code: 'ABANDONED' } }],
    ],
    { reason: { ...failure, code: 'ABANDONED' }, compensated: [] },
  ],
  ['nothing, while nothing failed', [['saga.completed', {}]], { compensated: [] }],
])('the log tells %s', async (_, planted, expected) => {
  const { log, subject } = await openTestLog(await connectTo(nats()))
  const events = planted.flatMap(([type, data], at) =>
    someEvents(at + 1).map((event) => ({ ...event, type, data })),
  )
  await log.append({ subject: subject('a'), expected: 0, events })
  expect(await courseOf(log, subject('a'))).toStrictEqual(expected)
})
