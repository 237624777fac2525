import { oneLine } from './one-line.ts'
import type { SagaRow } from '../runtime/sagas/projection.ts'

type Standing = Pick<
  SagaRow,
  'name' | 'saga_id' | 'status' | 'steps' | 'compensations' | 'reason' | 'current_step'
>

/** What a saga waits for, and what a person can do about it. */
export function advice(saga: Standing): string[] {
  const { name, saga_id: id, status, reason, current_step: step } = saga
  const command = (what: string, rest = '') => `npx headwater sagas ${what} ${id}${rest} --name ${name}`
  if (status === 'PARKED') {
    return [
      `It is parked at ${step}, for ${why(reason)}. It goes on when somebody says how:`,
      `  ${command('resume')}           tries it again`,
      `  ${command('resume', ' --done')}    takes it for done, once it has been done by hand`,
      `  ${command('abandon')}          ends it as it is`,
    ]
  }
  if (status !== 'RUNNING' && status !== 'COMPENSATING') return ['It has ended: there is nothing to do.']
  return [
    ...(status === 'RUNNING' ? saga.steps : saga.compensations).flatMap((one) => lineOf(one, command)),
    ...(status === 'RUNNING'
      ? [`To undo it, unless it has passed its pivot:`, `  ${command('abandon')}`]
      : [`It is being undone, for ${why(reason)}.`]),
  ]
}

function lineOf(
  { name, status, attempts, startedAt, waitsFor, until, error }: SagaRow['steps'][number],
  command: (what: string, rest?: string) => string,
): string[] {
  const end = until === null ? '' : ` until ${until}`
  if (waitsFor === 'DECISION')
    return [`${name} waits for a decision${end}:`, `  ${command('signal', ` ${name} '<JSON>'`)}`]
  if (waitsFor === 'EVENT') return [`${name} waits for an event${end}.`]
  if (waitsFor === 'TIME') return [`${name} waits${end}.`]
  if (waitsFor === 'RETRY')
    return [`${name} is tried again at ${until}, for the attempt ${attempts} ended with ${why(error)}.`]
  return status === 'RUNNING' ? [`${name} is at work: attempt ${attempts}, begun ${startedAt} or later.`] : []
}

const why = (cause: { code: string; detail: string } | null) =>
  cause ? oneLine(`${cause.code}: ${cause.detail}`, 160) : 'no reason given'
