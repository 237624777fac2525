import { type Command, InvalidArgumentError } from 'commander'
import { lastVersion } from '../streams/events/commit.ts'
import { HeadwaterError } from '../streams/errors.ts'
import { eventSubject } from '../streams/events/subjects.ts'
import { logOf } from './home.ts'
import { printEvent } from './print-event.ts'
import { withSession } from './session.ts'

/** `headwater history order o-1`: every event of one aggregate, oldest first. */
export function registerHistory(program: Command): void {
  program
    .command('history <aggregate> <id>')
    .description('print the events of one aggregate, oldest first')
    .option('--from <version>', 'begin with this version', fromVersion, 1)
    .action(async (aggregate: string, id: string, { from }: { from: number }) => {
      await withSession(async (session) => {
        const log = await logOf(session, aggregate)
        let version = 0
        for await (const commit of log.read.forwards(
          eventSubject(session.config.namespace, aggregate, id),
          from,
        )) {
          for (const event of commit.events) if (event.sequence >= from) printEvent(commit, event)
          version = lastVersion(commit)
        }
        if (version === 0) {
          throw new HeadwaterError({
            code: 'NOT_FOUND',
            status: 404,
            detail: `${aggregate} ${id} has no events`,
          })
        }
      })
    })
}

function fromVersion(value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw new InvalidArgumentError('It has to be a version: 1, 2, 3 …')
  return Number(value)
}
