import type { Command } from 'commander'
import { FEED } from '../feed/start-feed.ts'
import { REACTOR } from '../sagas/reactors/start-reactor.ts'
import { listParkedOf, readFollower } from '../streams/follow/overview.ts'
import { type Which, requestParked } from '../streams/follow/request.ts'
import { type FollowerGroup, chosen, oneOf, withFollowers } from './follower-session.ts'
import { followerTable, followersParkedTable } from './follower-table.ts'
import { resetAt } from './follower-reset.ts'
import { type RetryOptions, sequenceOf, whichOf } from './parked-choice.ts'
import { print, printJson } from './print.ts'
import { show } from './show.ts'

/** `headwater feed …`: how far what is public has been published, and what could not be. */
export function registerFeed(program: Command): void {
  register(program, { kind: FEED, command: 'feed', subject: 'context' }, 'look after the public feed')
}

/** `headwater reactors …`: how far each reactor has come, and what it could not do. */
export function registerReactors(program: Command): void {
  register(program, { kind: REACTOR, command: 'reactors', subject: 'reactor' }, 'look after the reactors')
}

function register(program: Command, group: FollowerGroup, description: string): void {
  const { subject } = group
  const commands = program.command(group.command).description(description)
  commands
    .command('status')
    .description(`how far each ${subject} has come, where it is active, how many events are parked`)
    .option('--json', 'print it as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const rows = await withFollowers(group, ({ store, followers, streams }) =>
        Promise.all(followers.map((follower) => readFollower(store, follower, streams))),
      )
      show(rows, json, (found) => followerTable(subject, found))
    })
  commands
    .command(`parked [${subject}]`)
    .description('events that could not be handled; what follows of their aggregates waits behind them')
    .option('--json', 'print it as JSON')
    .action(async (name: string | undefined, { json }: { json?: boolean }) => {
      const rows = await withFollowers(group, ({ store, followers }) =>
        listParkedOf(store, name === undefined ? followers : chosen(group, followers, name)),
      )
      show(rows, json, (found) => followersParkedTable(subject, found))
    })
  commands
    .command(`retry <${subject}>`)
    .description(
      'handle what is parked, and what waits behind it, in order; exit code 1 when something stays',
    )
    .option('--aggregate <type>', 'of one aggregate: what `parked` calls it')
    .option('--id <id>', 'and its id')
    .option('--all', 'everything that is parked')
    .action(async (name: string, options: RetryOptions, command: Command) => {
      await ask(group, name, undefined, whichOf(options, command), 'retry')
    })
  commands
    .command('drop')
    .description('leave a parked event out for good, and handle what waits behind it')
    .argument(`<${subject}>`)
    .argument('<stream>')
    .argument('<sequence>', 'where it stands', sequenceOf)
    .action(async (name: string, stream: string, sequence: number) => {
      await ask(group, name, stream, { sequence }, 'drop')
    })
  commands
    .command(`reset <${subject}>`)
    .description('say where it goes on, after its stream was restored or made anew')
    .requiredOption('--from <place>', 'now, beginning, or the first sequence that it is to handle')
    .option('--stream <name>', 'which one, where it follows several')
    .action(async (name: string, { from, stream }: { from: string; stream?: string }) => {
      await withFollowers(group, async ({ store, followers, streams }) => {
        const follower = oneOf(group, chosen(group, followers, name), name, stream)
        printJson({ ...follower, checkpoint: await resetAt(store, follower, from, streams) })
      })
    })
}

async function ask(
  group: FollowerGroup,
  name: string,
  stream: string | undefined,
  which: Which,
  action: 'retry' | 'drop',
): Promise<void> {
  const outcome = await withFollowers(group, ({ store, followers }) => {
    const own = chosen(group, followers, name)
    return requestParked(store, stream === undefined ? own : [oneOf(group, own, name, stream)], which, action)
  })
  const { cleared, stayed } = outcome
  if (!process.stdout.isTTY) printJson({ [group.subject]: name, action, ...outcome })
  else {
    print(`${cleared} of ${cleared + stayed.length} have nothing parked any more`)
    const rows = stayed.map((item) => ({ name, ...item }))
    if (rows.length > 0) for (const line of followersParkedTable(group.subject, rows)) print(line)
  }
  if (stayed.length > 0) process.exitCode = 1
}
