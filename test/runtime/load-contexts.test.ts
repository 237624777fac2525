import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  type Saga,
  awaitEvent,
  defineAggregate,
  defineContext,
  defineReactor,
  defineSaga,
} from '../../src/index.ts'
import { distinct, loadContexts, loadIdentify, servedOf } from '../../src/runtime/load-contexts.ts'

const folder = mkdtempSync(join(tmpdir(), 'headwater-modules-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function moduleWith(name: string, text: string): string {
  const path = join(folder, `${name}.mjs`)
  writeFileSync(path, text)
  return path
}
const of = (...modules: string[]) => ({ modules, builtin: false, serve: [] })

describe('identify', () => {
  it('is what a module says, and undefined where none does', async () => {
    const says = moduleWith('says', `export const identify = (headers) => ({ name: headers['x-name'] })`)
    const silent = moduleWith('silent', 'export const nothing = 1')
    const headers = { 'x-name': 'anna' }
    expect(await (await loadIdentify(of(silent, says)))(headers)).toEqual({ name: 'anna' })
    expect(await (await loadIdentify(of(silent)))(headers)).toBeUndefined()
  })

  it('is said by one module alone', async () => {
    const one = moduleWith('one', 'export const identify = () => 1')
    const two = moduleWith('two', 'export const identify = () => 2')
    await expect(loadIdentify(of(one, two))).rejects.toMatchObject({ code: 'CONTEXTS_INVALID' })
  })
})

describe('the reactors that tell sagas of events', () => {
  const thing = defineAggregate({
    name: 'thing',
    events: { 'thing.made': z.object({}) },
    commands: {},
    initial: {},
    decide: {},
    evolve: { 'thing.made': (state) => state },
  })
  const saga = (name: string, step: string) =>
    defineSaga({
      name,
      input: z.object({}),
      steps: [{ name: step, event: awaitEvent(thing, 'thing.made', ({ aggregateId }) => aggregateId) }],
    })
  const context = (name: string, ...sagas: Saga[]) => defineContext({ name, sagas })

  it('have names of their own, whatever sagas and steps are called', () => {
    const clash = [
      context('one', saga('order', 'return-received')),
      context('two', saga('order-return', 'received')),
    ]
    expect(() => distinct(clash)).toThrow('two reactors with the name saga-order-return-received')
  })

  it('are not those of others', () => {
    const reactor = defineReactor({
      name: 'saga-order-paid',
      from: [thing],
      on: ['thing.made'],
      do: () => undefined,
    })
    const by = (step: string) => [
      defineContext({ name: 'one', aggregates: [thing], reactors: [reactor] }),
      context('two', saga('order', step)),
    ]
    expect(() => distinct(by('paid'))).toThrow('two reactors with the name saga-order-paid')
    expect(distinct(by('sent'))).toHaveLength(3)
  })
})

describe('contexts.serve', () => {
  const builtin = { modules: [], builtin: true, serve: [] }

  it('names some of those that are known; none is all of them', async () => {
    const known = await loadContexts(builtin)
    const names = (serve: string[]) => servedOf(known, { ...builtin, serve }).map(({ name }) => name)
    expect(names(['orders']).toSorted()).toEqual(['orders'])
    expect(names([])).toEqual(known.map(({ name }) => name))
    expect(names([])).toEqual(expect.arrayContaining(['customers', 'inventory', 'payments', 'shipping']))
    expect(() => names(['ordres'])).toThrow(/"ordres".*orders/)
  })
})
