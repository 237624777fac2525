import { HeadwaterError } from '../errors.ts'

/** An event that a fold cannot take: another program wrote it, or `evolve` has a bug. */
export class EventNotApplicableError extends HeadwaterError {
  /**
   * @param which the event, or where it is
   * @param effect what there is not, for that
   */
  constructor(
    { aggregate, id }: { aggregate: string; id: string },
    { which, effect, cause }: { which: string; effect: string; cause: unknown },
  ) {
    super({
      code: 'EVENT_NOT_APPLICABLE',
      status: 500,
      detail: `${aggregate} ${id}: ${which} cannot be applied; ${effect}`,
      cause,
    })
  }
}
