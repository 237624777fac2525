import { describe, expect, it } from 'vitest'
import { CHECKOUT, aCheckout, serviceOfFile } from './graph-support.ts'

const { ask, askUntil, send } = serviceOfFile()
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/)

const SAGA = `{
  key id name status currentStep startedAt updatedAt finishedAt version input
  steps { name status attempts startedAt finishedAt error { code detail status } waitsFor until }
  compensations { name status attempts startedAt finishedAt error { code } until }
  reason { code detail }
}`

describe('the mutation checkout', () => {
  it('that waits answers when the saga has completed, with the saga and the order as they are then', async () => {
    const { data, errors } = await ask(CHECKOUT, { id: 'c-wait', input: aCheckout(), wait: true })
    expect(errors).toBeUndefined()
    expect(data).toMatchObject({
      checkout: {
        aggregate: 'checkout',
        id: 'c-wait',
        duplicate: false,
        saga: {
          key: 'checkout.c-wait',
          id: 'c-wait',
          name: 'checkout',
          status: 'COMPLETED',
          currentStep: null,
          finishedAt: TIME,
          steps: [
            'create-order',
            'reserve-items',
            'authorize-payment',
            'create-shipment',
            'confirm-order',
            'capture-payment',
          ].map((name) => ({ name, status: 'SUCCEEDED' })),
        },
      },
    })
    const order = await askUntil(
      'the order to be confirmed',
      '{ order(id: "c-wait") { status saga { key status steps { name } } } }',
      (answer) => answer.at('order.status') === 'CONFIRMED' && answer.at('order.saga.status') === 'COMPLETED',
    )
    expect(order.at('order.saga.key')).toBe('checkout.c-wait')
  })

  it('that does not wait answers at once; with a commandId it is the same one again', async () => {
    const input = aCheckout()
    const first = await ask(CHECKOUT, { input, commandId: 'k-1' })
    expect(first.errors).toBeUndefined()
    const again = await ask(CHECKOUT, { input, commandId: 'k-1', wait: true })
    expect(again.at('checkout.id')).toBe(first.at('checkout.id'))
    expect(again.at('checkout.duplicate')).toBe(true)
    expect(again.at('checkout.saga.status')).toBe('COMPLETED')
  })

  it('that waits and is undone is an error with the code of the step, and says what was compensated', async () => {
    const input = aCheckout({ method: 'card-declined' })
    const { data, errors } = await ask(CHECKOUT, { id: 'c-declined', input, wait: true })
    expect(data).toBeNull()
    expect(errors).toEqual([
      {
        message: expect.stringContaining('authorize-payment'),
        path: ['checkout'],
        extensions: {
          code: 'PAYMENT_DECLINED',
          status: 422,
          errors: [],
          saga: {
            status: 'compensated',
            step: 'authorize-payment',
            compensated: ['reserve-items', 'create-order'],
          },
        },
      },
    ])
  })
})

describe('saga', () => {
  it('shows what a compensated checkout is, and how it got there, in one query', async () => {
    const input = aCheckout({ method: 'card-declined' })
    const reply = await send('checkout', 'c-undone', 'start', input, 'completed')
    expect(reply).toMatchObject({ ok: false, code: 'PAYMENT_DECLINED' })
    const answer = await askUntil(
      'the saga to be compensated',
      `{ saga(id: "c-undone") { status ... on Saga ${SAGA} allEvents { nodes { type version data } } } order(id: "c-undone") { status saga { reason { code } } } }`,
      (got) =>
        got.at('saga.status') === 'COMPENSATED' &&
        got.at('order.status') === 'CANCELLED' &&
        got.at('order.saga.reason') !== null,
    )
    expect(answer.errors).toBeUndefined()
    const step = (name: string, status: string, error: unknown = null) => ({
      name,
      status,
      attempts: 1,
      startedAt: TIME,
      finishedAt: TIME,
      error,
      waitsFor: null,
      until: null,
    })
    const undone = (name: string) => ({
      name,
      status: 'SUCCEEDED',
      attempts: 1,
      startedAt: TIME,
      finishedAt: TIME,
      error: null,
      until: null,
    })
    expect(answer.at('saga')).toMatchObject({
      key: 'checkout.c-undone',
      id: 'c-undone',
      name: 'checkout',
      status: 'COMPENSATED',
      currentStep: null,
      startedAt: TIME,
      finishedAt: TIME,
      steps: [
        step('create-order', 'SUCCEEDED'),
        step('reserve-items', 'SUCCEEDED'),
        step('authorize-payment', 'FAILED', {
          code: 'PAYMENT_DECLINED',
          detail: expect.any(String),
          status: 422,
        }),
      ],
      compensations: [undone('reserve-items'), undone('create-order')],
      reason: { code: 'PAYMENT_DECLINED', detail: expect.any(String) },
    })
    expect(answer.at('saga.input.method')).toBe('card-declined')
    expect(answer.at('order.saga.reason.code')).toBe('PAYMENT_DECLINED')
    const types = answer.at('saga.allEvents.nodes')
    expect(Array.isArray(types) && types.map(({ type }) => type)).toEqual(
      [
        'started',
        'step-started',
        'step-succeeded',
        'step-started',
        'step-succeeded',
        'step-started',
        'step-failed',
        'compensating',
        'compensation-started',
        'compensation-succeeded',
        'compensation-started',
        'compensation-succeeded',
        'compensated',
      ].map((type) => `saga.${type}`),
    )
    expect(answer.at('saga.version')).toBe(13)
  })

  it('knows of a position', async () => {
    const reply = await send('approval', 'a-position', 'start', { amount: 1 })
    if (!reply.ok) throw new Error(reply.detail)
    const { data, errors } = await ask(
      `query ($at: PositionInput) { saga(id: "a-position", atLeast: $at) { status } sagas(filter: { name: "approval" }, first: 1, atLeast: $at) { nodes { id } } }`,
      { at: reply.position },
    )
    expect(errors).toBeUndefined()
    expect(data).toEqual({ saga: { status: 'RUNNING' }, sagas: { nodes: [{ id: 'a-position' }] } })
  })

  it('shows what it waits for, is decided by signalSaga, and is found by name where two have the id', async () => {
    await send('purchase', 'twin', 'start', { things: ['pen'] }, 'completed')
    await send('approval', 'twin', 'start', { amount: 5 })
    const waiting = await askUntil(
      'the newer one to be there',
      `{ newest: saga(id: "twin") ${SAGA} older: saga(id: "twin", name: "purchase") { name status } none: saga(id: "twin", name: "checkout") { name } }`,
      (got) => got.at('newest.name') === 'approval' && got.at('older.status') === 'COMPLETED',
    )
    expect(waiting.data).toMatchObject({
      newest: {
        status: 'RUNNING',
        currentStep: 'approve',
        finishedAt: null,
        steps: [{ name: 'approve', status: 'WAITING', waitsFor: 'DECISION', until: TIME, finishedAt: null }],
        reason: null,
      },
      older: { name: 'purchase', status: 'COMPLETED' },
      none: null,
    })
    expect(Date.parse(String(waiting.at('newest.steps.0.until')))).toBe(
      Date.parse(String(waiting.at('newest.steps.0.startedAt'))) + 600_000,
    )
    const signal = `mutation ($name: String) { signalSaga(id: "twin", name: $name, step: "approve", data: { by: "Ana" }) { aggregate saga { name status steps { name waitsFor } } } }`
    const ambiguous = await ask(signal)
    expect(ambiguous.code).toBe('SAGA_AMBIGUOUS')
    const decided = await ask(signal, { name: 'approval' })
    expect(decided.errors).toBeUndefined()
    expect(decided.at('signalSaga')).toMatchObject({
      aggregate: 'approval',
      saga: { name: 'approval', steps: [{ name: 'approve', waitsFor: null }, { name: 'pay' }] },
    })
    await askUntil(
      'it to complete',
      '{ saga(id: "twin", name: "approval") { status } }',
      (got) => got.at('saga.status') === 'COMPLETED',
    )
  })

  it('says what is wrong with what is asked', async () => {
    expect((await ask('{ saga(id: "a.b") { id } }')).code).toBe('BAD_USER_INPUT')
    expect((await ask('{ saga(id: "a", name: "order") { id } }')).code).toBe('BAD_USER_INPUT')
    expect((await ask('{ saga(id: "nobody") { id } }')).data).toEqual({ saga: null })
    expect((await ask('mutation { abandonSaga(id: "nobody") { id } }')).code).toBe('SAGA_NOT_FOUND')
    // A command of the same name to an aggregate that is no saga cannot be sent so.
    expect((await ask('mutation { resumeSaga(id: "x", name: "order") { id } }')).code).toBe('BAD_USER_INPUT')
    await send('purchase', 'plain', 'start', { things: ['pen'] }, 'completed')
    expect((await ask('mutation { resumeSaga(id: "plain") { id } }')).code).toBe('SAGA_NOT_PARKED')
    const { data } = await ask('{ order(id: "none") { id saga { id } } }')
    expect(data).toEqual({ order: null })
  })
})

describe('a parked saga', () => {
  it('says why, and goes on with resumeSaga or is ended by abandonSaga', async () => {
    for (const id of ['stuck-nowhere-1', 'stuck-nowhere-2'])
      await send('purchase', id, 'start', { things: ['pen'] })
    const parked = await askUntil(
      'both to be parked',
      `{ sagas(filter: { status: PARKED, code: "COMPENSATION_FAILED", step: "pay" }) { totalCount nodes { id currentStep reason { code detail } finishedAt compensations { name status error { code } } } } }`,
      (got) => got.at('sagas.totalCount') === 2,
    )
    expect(parked.at('sagas.nodes.0')).toEqual({
      id: expect.stringContaining('stuck-nowhere'),
      currentStep: 'pay',
      finishedAt: null,
      reason: { code: 'COMPENSATION_FAILED', detail: 'CLOSED: the purse is closed' },
      compensations: [{ name: 'pay', status: 'FAILED', error: { code: 'CLOSED' } }],
    })
    const resumed = await ask(
      'mutation { resumeSaga(id: "stuck-nowhere-1", done: true) { saga { status reason { code } } } }',
    )
    expect(resumed.errors).toBeUndefined()
    const ended = await ask(
      'mutation { abandonSaga(id: "stuck-nowhere-2", reason: "so be it") { saga { status currentStep reason { code detail } } } }',
    )
    expect(ended.at('abandonSaga.saga')).toEqual({
      status: 'ABANDONED',
      currentStep: null,
      reason: { code: 'SAGA_ABANDONED', detail: 'so be it' },
    })
    await askUntil(
      'the resumed one to be compensated',
      '{ saga(id: "stuck-nowhere-1") { status reason { code } } }',
      (got) => got.at('saga.status') === 'COMPENSATED' && got.at('saga.reason.code') === 'NO_SUCH_PLACE',
    )
  })
})

describe('sagas', () => {
  it('are found by name, status and time, newest first, page by page', async () => {
    const ids = ['p-1', 'p-2', 'p-3', 'p-4']
    for (const id of ids) await send('approval', id, 'start', { amount: 1 })
    const filter = { name: 'approval', statusIn: ['RUNNING', 'PARKED'], step: 'approve' }
    const page = (variables: object) =>
      ask(
        `query ($filter: SagaFilter, $first: Int, $after: String, $orderBy: SagaOrder) {
          sagas(filter: $filter, first: $first, after: $after, orderBy: $orderBy) { nodes { id startedAt } pageInfo { hasNextPage endCursor } totalCount } }`,
        { filter, ...variables },
      )
    await askUntil('all to be there', '{ saga(id: "p-4") { id } }', (got) => got.at('saga.id') === 'p-4')
    const first = await page({ first: 2 })
    expect(first.at('sagas.nodes')).toMatchObject([{ id: 'p-4' }, { id: 'p-3' }])
    const second = await page({ first: 2, after: first.at('sagas.pageInfo.endCursor') })
    expect(second.at('sagas.nodes')).toMatchObject([{ id: 'p-2' }, { id: 'p-1' }])
    const from = second.at('sagas.nodes.0.startedAt')
    const since = await page({
      filter: { ...filter, startedFrom: from, startedTo: from },
      orderBy: { field: 'STARTED_AT', direction: 'ASC' },
    })
    expect(since.at('sagas.nodes.0.id')).toBe('p-2')
    expect((await page({ filter: { ...filter, step: 'pay' } })).at('sagas.totalCount')).toBe(0)
  })
})
