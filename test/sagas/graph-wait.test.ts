import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { commandTo } from '../../src/commands/definition/command-to.ts'
import { command } from '../../src/graph/reads/command-field.ts'
import { defineGraph } from '../../src/graph/schema/define-graph.ts'
import { defineContext } from '../../src/runtime/define-context.ts'
import { defineSaga } from '../../src/sagas/define-saga.ts'
import { asker } from '../graph/ask.ts'
import { startTestService } from '../support/service.ts'

/** Sleeps for so long, and is done. */
const nap = defineSaga({
  name: 'nap',
  input: z.object({ ms: z.int() }),
  steps: [{ name: 'sleep', pauseMs: ({ input }) => input.ms }],
})
/** Its last step is refused for good, and stands behind the pivot. */
const stuck = defineSaga({
  name: 'stuck',
  input: z.object({ ms: z.int() }),
  steps: [
    { name: 'sleep', pauseMs: ({ input }) => input.ms, pivot: true },
    { name: 'wake', invoke: () => commandTo(nap.aggregate, 'nobody', 'resume', {}) },
  ],
})
const naps = defineContext({
  name: 'naps',
  sagas: [nap, stuck],
  graph: defineGraph({
    typeDefs: `
      extend type Mutation {
        nap(id: ID, input: NapInput!, wait: Boolean = false): CommandResult!
        getStuck(id: ID, input: NapInput!, wait: Boolean = false): CommandResult!
      }
      input NapInput { ms: Int! }`,
    resolvers: {
      Mutation: { nap: command(nap.aggregate, 'start'), getStuck: command(stuck.aggregate, 'start') },
    },
  }),
})

let service: Awaited<ReturnType<typeof startTestService>>
beforeAll(async () => {
  service = await startTestService({
    contexts: [naps],
    overrides: { commands: { timeoutMs: 5000 }, sagas: { waitTimeoutMs: 20_000 } },
  })
})
afterAll(() => service.stop())

const NAP = `mutation ($id: ID, $ms: Int!) { nap(id: $id, input: { ms: $ms }, wait: true) {
  duplicate saga { status steps { name status waitsFor } } } }`
const ask = (id: string, ms: number) => asker(service.endpoints.graph)(NAP, { variables: { id, ms } })

it('a saga is waited for longer than a command may take', async () => {
  const { data, errors } = await ask('n-1', 7000)
  expect(errors).toBeUndefined()
  expect(data).toEqual({
    nap: {
      duplicate: false,
      saga: { status: 'COMPLETED', steps: [{ name: 'sleep', status: 'SUCCEEDED', waitsFor: null }] },
    },
  })
})

it('when the time to wait is up the answer is how it stands', async () => {
  const { data, errors } = await ask('n-2', 600_000)
  expect(errors).toBeUndefined()
  expect(data).toMatchObject({
    nap: { saga: { status: 'RUNNING', steps: [{ status: 'WAITING', waitsFor: 'TIME' }] } },
  })
})

it('a saga that got parked is an error that says where it is told how to go on', async () => {
  const { errors } = await asker(service.endpoints.graph)(
    'mutation { getStuck(id: "s-1", input: { ms: 1 }, wait: true) { duplicate } }',
  )
  expect(errors).toMatchObject([
    {
      message: expect.stringContaining('headwater sagas show s-1'),
      extensions: { code: 'STEP_FAILED_AFTER_PIVOT', status: 422, saga: { status: 'parked', step: 'wake' } },
    },
  ])
})
