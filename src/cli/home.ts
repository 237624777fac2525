import { pino } from 'pino'
import type { AggregateHome } from '../commands/actors.ts'
import { HeadwaterError } from '../streams/errors.ts'
import { openKernel } from '../runtime/kernel.ts'
import { loadContexts } from '../runtime/load-contexts.ts'
import type { Session } from './session.ts'

/** The homes of all aggregates that the configuration serves. */
export async function homes({ nc, config }: Session): Promise<ReadonlyMap<string, AggregateHome>> {
  const contexts = await loadContexts(config.contexts)
  return (await openKernel(nc, contexts, config, pino({ level: 'silent' }))).homes
}

/** Where an aggregate type is at home. Throws UNKNOWN_AGGREGATE and says which there are. */
export async function homeOf(session: Session, aggregate: string): Promise<AggregateHome> {
  const all = await homes(session)
  const home = all.get(aggregate)
  if (home) return home
  throw new HeadwaterError({
    code: 'UNKNOWN_AGGREGATE',
    status: 404,
    detail: `There is no aggregate ${JSON.stringify(aggregate)}; there are ${[...all.keys()].join(', ')}`,
  })
}
