import { HeadwaterError } from '../streams/errors.ts'
import type { RecordedEvent } from '../streams/events/recorded-event.ts'
import type { Publication } from './define-feed.ts'

/** The public data does not fit the schema that is declared for it, or the function that makes it has thrown. */
class PublicShapeError extends HeadwaterError {
  constructor(type: string, why: string, cause?: unknown) {
    super({
      code: 'FEED_SHAPE_INVALID',
      status: 500,
      detail: `The public data of ${type} could not be made: ${why}. Mend its declaration and retry`,
      cause,
    })
  }
}

/**
 * The body of a public event; undefined when this one is not to be published.
 * @throws PublicShapeError
 */
export function publicBody(publication: Publication, event: RecordedEvent): string | undefined {
  const { as, schema } = publication
  const data = made(publication, event)
  if (data === undefined) return undefined
  const fitting = schema ? schema.safeParse(data) : { success: true as const, data }
  if (!fitting.success) throw new PublicShapeError(as, `it does not fit its schema: ${fitting.error.message}`)
  return JSON.stringify(fitting.data)
}

function made(publication: Publication, event: RecordedEvent): unknown {
  try {
    return publication.data(event)
  } catch (error) {
    throw new PublicShapeError(publication.as, error instanceof Error ? error.message : String(error), error)
  }
}
