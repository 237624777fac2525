import { z } from 'zod'
import { oneLine } from './one-line.ts'
import { type SagaEventType } from '../sagas/machine/folds.ts'
import { type Failure, sagaEvents } from '../sagas/machine/events.ts'
import type { CloudEvent } from '../streams/events/cloud-event.ts'

/** One transition of a saga, as its log has it. */
export const Transition = z.object({
  version: z.int(),
  /** ISO 8601 */
  time: z.string(),
  /** `step-failed` */
  transition: z.string(),
  step: z.string().optional(),
  attempt: z.int().optional(),
  /** What was sent, what came of it, or why. */
  detail: z.string(),
})
export type Transition = z.output<typeof Transition>

const PREFIX = 'saga.'
const DETAIL_WIDTH = 160

/** What a saga did, and why, in the order in which it did. */
export function transitionOf({ sequence, time, type, data }: CloudEvent): Transition {
  const { step, attempt } = placeOf(data)
  return {
    version: sequence,
    time,
    transition: type.startsWith(PREFIX) ? type.slice(PREFIX.length) : type,
    step,
    attempt,
    detail: isSagaEvent(type) ? detailOf(type, data) : JSON.stringify(data),
  }
}

/** For a person. */
export function timeline(transitions: readonly Transition[]): string[] {
  const start = Date.parse(transitions[0]?.time ?? '')
  const rows = transitions.map(({ time, transition, step, attempt, detail }) => [
    time,
    `+${((Date.parse(time) - start) / 1000).toFixed(3)}`,
    transition,
    step ?? '',
    attempt === undefined ? '' : `${attempt}`,
    oneLine(detail, DETAIL_WIDTH),
  ])
  const widths = [
    24,
    8,
    ...[2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))),
  ]
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 1 ? cell.padStart(widths[1] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  )
}

const isSagaEvent = (type: string): type is SagaEventType => Object.hasOwn(sagaEvents, type)

function placeOf(data: unknown): { step: string | undefined; attempt: number | undefined } {
  const { step, attempt } = { step: undefined, attempt: undefined, ...(typeof data === 'object' && data) }
  return {
    step: typeof step === 'string' ? step : undefined,
    attempt: typeof attempt === 'number' ? attempt : undefined,
  }
}

function detailOf(type: SagaEventType, data: unknown): string {
  switch (type) {
    case 'saga.started': {
      const { version, input, deadline } = sagaEvents[type].parse(data)
      const until = deadline === undefined ? '' : `, to be through by ${deadline}`
      return `definition ${version}${until}: ${JSON.stringify(input)}`
    }
    case 'saga.step-started':
    case 'saga.compensation-started': {
      const { commands } = sagaEvents[type].parse(data)
      const sent = commands.map(({ aggregate, id, command }) => `${aggregate}.${id}.${command}`)
      return sent.length === 0 ? 'nothing to send' : `sends ${sent.join(', ')}`
    }
    case 'saga.step-waiting': {
      const { for: what, until } = sagaEvents[type].parse(data)
      const article = what === 'event' ? 'an' : 'a'
      return `for ${article} ${what}${until === undefined ? '' : `, until ${until}`}`
    }
    case 'saga.step-succeeded':
    case 'saga.compensation-succeeded': {
      const parsed = sagaEvents[type].parse(data)
      const replies = (parsed.replies ?? []).map(
        ({ aggregate, id, version }) => `${aggregate} ${id} v${version}`,
      )
      const heard = 'heard' in parsed ? [`heard ${JSON.stringify(parsed.heard)}`] : []
      return [...replies, ...heard].join(', ')
    }
    case 'saga.step-failed':
    case 'saga.compensation-failed': {
      const parsed = sagaEvents[type].parse(data)
      const again = parsed.retryAt === undefined ? '' : `; again at ${parsed.retryAt}`
      const doubt = 'doubtful' in parsed && parsed.doubtful ? '; something of it may have been done' : ''
      return `${why(parsed.failure)}${again}${doubt}`
    }
    case 'saga.signalled':
    case 'saga.observed':
      return JSON.stringify(sagaEvents[type].parse(data).data)
    case 'saga.parked': {
      const { code, failure } = sagaEvents[type].parse(data)
      return `${code}, for ${why(failure)}`
    }
    case 'saga.resumed':
      return sagaEvents[type].parse(data).done ? 'what it was parked for was done by hand' : 'tried again'
    case 'saga.cancelled':
    case 'saga.compensating':
    case 'saga.compensated':
    case 'saga.abandoned':
      return why(sagaEvents[type].parse(data).reason)
    case 'saga.step-doubtful':
      return 'it was taken for refused, and was accepted all the same: it is undone as well'
    case 'saga.completed':
      break
  }
  return ''
}

const why = ({ code, detail }: Failure): string => `${code}: ${detail}`
