import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Fate, type StepPlan, randomSaga, worldOf } from './model.ts'

const RUNS = Number(process.env['HEADWATER_MODEL_RUNS'] ?? 1500)

const plan: fc.Arbitrary<StepPlan> = fc.record({
  kind: fc.constantFrom('command', 'command', 'command', 'command', 'pause', 'decision', 'event'),
  isUndoable: fc.oneof(
    { weight: 3, arbitrary: fc.constant(true) },
    { weight: 1, arbitrary: fc.constant(false) },
  ),
  attempts: fc.integer({ min: 1, max: 3 }),
})
const stages = fc.array(fc.array(plan, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 })
const fate = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Fate>('accept') },
  { weight: 5, arbitrary: fc.constantFrom<Fate>('refuse', 'partly', 'down', 'down', 'lost') },
)
const at = fc.nat(20)
const again = fc.oneof(
  { weight: 5, arbitrary: fc.constant(false) },
  { weight: 1, arbitrary: fc.constant(true) },
)
const move = fc.oneof(
  { weight: 12, arbitrary: fc.tuple(fc.constant('work' as const), at, again, fate) },
  { weight: 12, arbitrary: fc.tuple(fc.constant('report' as const), at, again, fate) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('fire' as const), at, again, fate) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('decide' as const), at, again, fate) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('occur' as const), at, again, fate) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('resume' as const), at, again, fate) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('abandon' as const), at, again, fate) },
)

it('whatever happens to a saga and in whatever order: it ends, and each step is there once or undone', () => {
  const ends = new Map<string, number>()
  fc.assert(
    fc.property(
      stages,
      fc.option(fc.nat(8), { nil: undefined }),
      fc.array(move, { maxLength: 80 }),
      fc.boolean(),
      fc.boolean(),
      (some, pivotAt, moves, isGivenUp, isFickle) => {
        const world = worldOf(randomSaga(some, pivotAt), { isFickle })
        const { trip, steps, effects, undone } = world
        for (const [kind, index, isTwice, what] of moves) {
          if (kind === 'work') world.work(index, what, isTwice)
          else if (kind === 'report') world.report(index, isTwice)
          else if (kind === 'fire') world.fire(index, isTwice)
          else if (kind === 'decide') world.decide(index, what === 'accept')
          else if (kind === 'occur') world.occur(index)
          else if (kind === 'resume') world.resume(isTwice)
          else world.abandon()
        }
        expect(world.settle(isGivenUp)).toBeLessThan(500)

        const { status } = trip.state
        const { happened } = trip
        const count = (what: string) => ends.set(what, (ends.get(what) ?? 0) + 1)
        count(status)
        for (const what of ['cancelled', 'resumed', 'step-doubtful'])
          if (happened.some((one) => one.startsWith(what))) count(what)
        expect(world.broken).toEqual([])
        // Nothing comes behind the end.
        expect(happened.at(-1)).toBe(status)

        const names = steps.map(({ name }) => name)
        const turned = happened.findIndex((what) => what.startsWith('compensating'))
        const done = (name: string) => happened.includes(`step-succeeded ${name}`)
        if (turned >= 0) {
          const after = happened.slice(turned)
          expect(after.filter((what) => /^step-(?!doubtful)|^completed/.test(what))).toEqual([])
          const order = [...new Set(after.filter((what) => what.startsWith('compensation-started')))]
          const places = order.map((what) => names.indexOf(what.split(' ')[1] ?? ''))
          // What turns out to have happened later is undone later.
          if (!isFickle) expect(places).toEqual(places.toSorted((a, b) => b - a))
          const pivot = steps.find((step) => step.pivot)
          if (pivot && !pivot.compensate && !isFickle) expect(effects.get(pivot.name)).not.toBe('all')
          expect(steps.some((step) => step.pivot && done(step.name))).toBe(false)
        } else expect(undone).toEqual([])

        const isByHand = happened.includes('resumed')
        for (const { name, ...step } of steps) {
          if (status === 'completed' && !isByHand) {
            expect(done(name)).toBe(true)
            if ('invoke' in step) expect(effects.get(name)).toBe('all')
          }
          // What is undone by hand is not undone in this world.
          if (status === 'compensated' && step.compensate && !isByHand)
            expect(effects.get(name)).toBe(undefined)
        }
      },
    ),
    { numRuns: RUNS },
  )
  console.log(`${RUNS} sagas: ${Array.from(ends, ([end, count]) => `${count} ${end}`).join(', ')}`)
  for (const end of ['completed', 'compensated', 'abandoned', 'cancelled', 'resumed'])
    expect(ends.get(end)).toBeGreaterThan(0)
})
