import type { GraphContext } from '../../graph/context/context.ts'
import { BadUserInputError } from '../../graph/errors.ts'
import { isToken } from '../../streams/events/subjects.ts'
import { SagaAmbiguousError, SagaNotFoundError } from './errors.ts'

/** How a client names a saga. */
export interface SagaArguments {
  id: string
  name?: string | null
}

/** @throws BadUserInputError for what can name no saga */
export function assertSaga({ id, name }: SagaArguments, known: readonly string[]): void {
  if (!isToken(id)) throw new BadUserInputError('id', 'must be 1 to 128 characters out of A-Z a-z 0-9 _ -')
  if (typeof name === 'string' && !known.includes(name))
    throw new BadUserInputError('name', `must be the name of a saga: ${known.join(', ')}`)
}

/** The names of the sagas with this id, the newest first. The logs are asked: they know of what has begun just now. */
export async function namesOf(
  id: string,
  known: readonly string[],
  context: GraphContext,
): Promise<string[]> {
  const found = await Promise.all(
    known.map(async (name) => {
      const [first] = await context.history(name, id).page(undefined, 1)
      return first ? [{ name, time: first.time }] : []
    }),
  )
  return found
    .flat()
    .toSorted((one, other) => (one.time < other.time ? 1 : -1))
    .map(({ name }) => name)
}

/**
 * The name of the saga that is meant.
 * @throws SagaNotFoundError, SagaAmbiguousError, BadUserInputError
 */
export async function nameOf(
  { id, name }: SagaArguments,
  known: readonly string[],
  context: GraphContext,
): Promise<string> {
  assertSaga({ id, name: name ?? null }, known)
  if (typeof name === 'string') return name
  const [found, another] = await namesOf(id, known, context)
  if (found === undefined) throw new SagaNotFoundError(id)
  if (another !== undefined) throw new SagaAmbiguousError(id, [found, another])
  return found
}
