import { HeadwaterError } from '../errors.ts'

const TOKEN = /^[A-Za-z0-9_-]{1,128}$/

/** True for what may stand as one token in a subject: an aggregate's id, a name of an aggregate or a command. */
export function isToken(text: string): boolean {
  return TOKEN.test(text)
}

export class InvalidIdError extends HeadwaterError {
  constructor(id: string) {
    super({
      code: 'INVALID_ID',
      status: 400,
      detail: `The id ${JSON.stringify(id.slice(0, 140))} is not valid: 1 to 128 characters out of A-Z a-z 0-9 _ -`,
      errors: [{ path: 'id', message: 'must match [A-Za-z0-9_-]{1,128}' }],
    })
  }
}

/** Throws InvalidIdError unless the id may stand in a subject: an id is input, and a `.` or `*` in it would address others. */
export function assertId(id: string): void {
  if (!isToken(id)) throw new InvalidIdError(id)
}

/** `hw.evt.order.o-1`: where an aggregate's commits stand in its context's stream. */
export function eventSubject(namespace: string, aggregate: string, id: string): string {
  assertId(id)
  return `${namespace}.evt.${aggregate}.${id}`
}

/** `hw.evt.order.*`: all aggregates of a type. */
export function eventSubjects(namespace: string, aggregate: string): string {
  return `${namespace}.evt.${aggregate}.*`
}

/** True for a subject that commits stand under, of one aggregate or of all of a type, in any namespace. */
export function isEventSubject(subject: string): boolean {
  return /^[^.]+\.evt\.[^.]+\.[^.>]+$/.test(subject)
}

/** `hw.cmd.order.o-1.create`: where a command is sent. */
export function commandSubject(namespace: string, aggregate: string, id: string, command: string): string {
  assertId(id)
  return `${namespace}.cmd.${aggregate}.${id}.${command}`
}

/** The aggregate and id in an event subject; the namespace may be any single token. */
export function parseEventSubject(subject: string): { aggregate: string; id: string } {
  // Without `split`: a replay parses a million of these.
  const first = subject.indexOf('.', subject.indexOf('.') + 1) + 1
  const second = subject.indexOf('.', first)
  if (first === 0 || second < 0) return { aggregate: first === 0 ? '' : subject.slice(first), id: '' }
  const end = subject.indexOf('.', second + 1)
  return {
    aggregate: subject.slice(first, second),
    id: end < 0 ? subject.slice(second + 1) : subject.slice(second + 1, end),
  }
}
