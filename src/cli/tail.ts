import type { Command } from 'commander'
import type { AggregateHome } from '../commands/actors.ts'
import { eventSubjects } from '../streams/subjects.ts'
import type { StartAt, Tail } from '../streams/tail.ts'
import { homeOf, homes } from './home.ts'
import { InvalidArgumentError } from 'commander'
import { printEvent } from './print-event.ts'
import { type Session, withSession } from './session.ts'

/** `headwater tail order`: follows the log live, all aggregates or one type, until Ctrl-C. */
export function registerTail(program: Command): void {
  program
    .command('tail [aggregate]')
    .description('follow the log live: every event, or those of one type of aggregate; Ctrl-C ends it')
    .option('--from <start>', 'now, a sequence, or an ISO 8601 time', startAt, 'now')
    .action(async (aggregate: string | undefined, { from }: { from: StartAt }) => {
      await withSession(async (session) => {
        const tails = await openTails(session, aggregate, from)
        const stop = () => void Promise.all(tails.map((tail) => tail.close()))
        process.once('SIGINT', stop).once('SIGTERM', stop)
        await Promise.all(tails.map(follow))
      })
    })
}

async function openTails(session: Session, aggregate: string | undefined, from: StartAt): Promise<Tail[]> {
  const chosen =
    aggregate === undefined ? [...(await homes(session)).values()] : [await homeOf(session, aggregate)]
  const byStream = Map.groupBy(chosen, ({ log }: AggregateHome) => log)
  return await Promise.all(
    [...byStream].map(([log, here]) =>
      log.tail({
        startAt: from,
        subjects: here.map((home) => eventSubjects(session.config.namespace, home.aggregate.name)),
      }),
    ),
  )
}

async function follow(tail: Tail): Promise<void> {
  for await (const { commit } of tail) {
    for (const event of commit.events) printEvent(commit, event)
  }
}

function startAt(value: string): StartAt {
  if (value === 'now') return 'now'
  if (/^[1-9]\d*$/.test(value)) return { after: Number(value) - 1 }
  const time = new Date(value)
  if (Number.isNaN(time.getTime()))
    throw new InvalidArgumentError('It has to be now, a sequence, or an ISO 8601 time.')
  return { time }
}
