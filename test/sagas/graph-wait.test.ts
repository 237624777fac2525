import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
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
const naps = defineContext({
  name: 'naps',
  sagas: [nap],
  graph: defineGraph({
    typeDefs: `
      extend type Mutation { nap(id: ID, input: NapInput!, wait: Boolean = false): CommandResult! }
      input NapInput { ms: Int! }`,
    resolvers: { Mutation: { nap: command(nap.aggregate, 'start') } },
  }),
})

let service: Awaited<ReturnType<typeof startTestService>>
beforeAll(async () => {
  service = await startTestService({
    contexts: [naps],
    overrides: { commands: { timeoutMs: 1000 }, sagas: { waitTimeoutMs: 4000 } },
  })
}, 60_000)
afterAll(() => service.stop(), 60_000)

const NAP = `mutation ($id: ID, $ms: Int!) { nap(id: $id, input: { ms: $ms }, wait: true) {
  duplicate saga { status steps { name status waitsFor } } } }`
const ask = (id: string, ms: number) => asker(service.endpoints.graph)(NAP, { variables: { id, ms } })

it('a saga is waited for longer than a command may take', async () => {
  const { data, errors } = await ask('n-1', 2200)
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
