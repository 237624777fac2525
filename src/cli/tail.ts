import { type Command, InvalidArgumentError } from 'commander'
import { eventSubjects } from '../streams/events/subjects.ts'
import type { StartAt, Tail } from '../streams/log/tail.ts'
import { logOf, logsOf } from './home.ts'
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
  if (aggregate !== undefined) {
    const log = await logOf(session, aggregate)
    return [await log.tail({ startAt: from, subjects: [eventSubjects(session.config.namespace, aggregate)] })]
  }
  const logs = new Set((await logsOf(session)).values())
  return await Promise.all([...logs].map((log) => log.tail({ startAt: from })))
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
