import type { GraphContext } from '../../graph/context/context.ts'
import { BadUserInputError } from '../../graph/errors.ts'
import { BadCursorError } from '../../graph/live/errors.ts'
import type { Live } from '../../graph/live/live.ts'
import { type SagaArguments, assertSaga, namesOf } from './find-saga.ts'

/** The arguments of `sagaChanged`. */
export interface FollowArguments extends SagaArguments {
  after?: string | null
}

/**
 * Which saga is followed. Without a name the one that the cursor is of, else the newest with the id.
 * @throws BadUserInputError when nobody knows; BadCursorError when the cursor is of none of them
 */
export async function followedSaga(
  { id, name, after }: FollowArguments,
  known: readonly string[],
  { live, field, context }: { live: Live; field: string; context: GraphContext },
): Promise<string> {
  assertSaga({ id, name: name ?? null }, known)
  if (typeof name === 'string') return name
  if (typeof after === 'string') return await nameByCursor(id, after, known, { live, field })
  const [newest] = await namesOf(id, known, context)
  const [only, another] = known
  if (newest !== undefined) return newest
  if (only !== undefined && another === undefined) return only
  throw new BadUserInputError(
    'name',
    `has to be given to follow a saga that has not begun: ${known.join(', ')}`,
  )
}

async function nameByCursor(
  id: string,
  after: string,
  known: readonly string[],
  { live, field }: { live: Live; field: string },
): Promise<string> {
  let failure: unknown
  for (const name of known) {
    try {
      await live.place(live.topic(field, name, id), after)
      return name
    } catch (error) {
      if (!(error instanceof BadCursorError)) throw error
      failure = error
    }
  }
  throw failure
}
