// A context for the cluster test, named in the service's [contexts] modules: a saga that sleeps, so that a timer of the server
// is always running when one of the servers is killed.
import { commandTo, defineAggregate, defineContext, defineSaga, z } from '../../src/index.ts'

const Nothing = z.object({})
const initial: { rung: boolean } = { rung: false }

const bell = defineAggregate({
  name: 'bell',
  events: { 'bell.rung': Nothing },
  commands: { ring: Nothing },
  initial,
  decide: { ring: ({ rung }) => (rung ? [] : { type: 'bell.rung', data: {} }) },
  evolve: { 'bell.rung': () => ({ rung: true }) },
})

const nap = defineSaga({
  name: 'nap',
  input: z.object({ ms: z.int() }),
  steps: [
    { name: 'sleep', pauseMs: ({ input }) => input.ms },
    { name: 'ring', invoke: ({ id }) => commandTo(bell, id, 'ring', {}) },
  ],
})

export const naps = defineContext({ name: 'naps', aggregates: [bell], sagas: [nap] })
