import { isRejection } from '../../src/commands/definition/decision.ts'
import type { AddressedCommand } from '../../src/commands/definition/command-to.ts'
import type { Saga } from '../../src/sagas/define-saga.ts'
import type { Outcome, Timer } from '../../src/sagas/machine/commands.ts'
import { type SagaState, noSaga } from '../../src/sagas/machine/state.ts'
import type { RecordedEvent } from '../../src/streams/events/recorded-event.ts'

const BEGIN = '2026-01-31T10:00:00.000Z'

export const failure = (code: string, status = 422) => ({ status, code, detail: `it is ${code}` })
export const accepted: Outcome = { kind: 'accepted', replies: [] }
export const refused = (code = 'NO', partly = false): Outcome => ({
  kind: 'refused',
  failure: failure(code),
  partly,
})
export const unavailable: Outcome = { kind: 'unavailable', failure: failure('DOWN', 503) }

export const to = (command: string): AddressedCommand => ({ aggregate: 'a', id: 'x', command, data: {} })

/** An event of a saga: its type without the prefix and its step, and all of it. */
export interface Happened {
  what: string
  data: unknown
}

/**
 * One instance of a saga without log and servers: its decisions are folded at once, through events and a state that have been
 * JSON in between, as after a restart.
 */
export function instanceOf(saga: Saga, { id = 's-1' } = {}) {
  const instance = { state: noSaga, version: 0, log: new Array<Happened>() }

  /** What has happened, or the code of the refusal. */
  function say(command: string, data: unknown = {}): string[] | string {
    const time = BEGIN
    const { aggregate } = saga
    const decision = aggregate.decide(command, instance.state, data, { id, time, commandId: 'c' })
    if (isRejection(decision)) return decision.code
    const happened = [decision].flat().map((one) => fold(JSON.parse(JSON.stringify(one)), time))
    instance.log.push(...happened)
    return happened.map(({ what }) => what)
  }

  function fold({ type, data }: { type: string; data: unknown }, time: string): Happened {
    const ids = { correlationId: 'c', causationId: 'c', commandId: 'c' }
    const version = ++instance.version
    const event: RecordedEvent = {
      type,
      data,
      time,
      version,
      id: 'e',
      aggregate: saga.name,
      aggregateId: id,
      ...ids,
    }
    const state: SagaState = JSON.parse(JSON.stringify(saga.aggregate.evolve(instance.state, event)))
    instance.state = state
    const step = typeof data === 'object' && data !== null && 'step' in data ? ` ${String(data.step)}` : ''
    return { what: `${type.slice('saga.'.length)}${step}`, data }
  }

  const record = (step: string, outcome: Outcome, attempt = 1, way: 'forth' | 'back' = 'forth') =>
    say('record', { step, attempt, way, outcome })
  const wake = (timer: Timer) => say('wake', timer)

  return {
    get state() {
      return instance.state
    },
    /** Goes on from what another process had read. */
    restore: (state: SagaState) => void (instance.state = state),
    /** The data of the last event that happened as this. */
    last: (what: string) => instance.log.findLast((one) => one.what === what)?.data,
    log: instance.log,
    get happened() {
      return instance.log.map(({ what }) => what)
    },
    say,
    start: (input: unknown = {}) => say('start', input),
    forth: (step: string, outcome = accepted, attempt = 1) => record(step, outcome, attempt),
    back: (step: string, outcome = accepted, attempt = 1) => record(step, outcome, attempt, 'back'),
    wake,
    due: (step: string) => wake({ timer: 'wait', step }),
    retry: (step: string, attempt = 1, way: 'forth' | 'back' = 'forth') =>
      wake({ timer: 'retry', step, attempt, way }),
    deadline: () => wake({ timer: 'deadline' }),
  }
}
