import { type Command, InvalidArgumentError } from 'commander'
import type { From } from '../projections/rebuild/touched-ids.ts'
import { HeadwaterError } from '../streams/errors.ts'
import { cancelJob, requestJob } from '../projections/jobs/job.ts'
import { followJob } from './follow-job.ts'
import { assertProjection } from './known-projection.ts'
import { print, printJson } from './print.ts'
import { withDatabase } from './with-database.ts'

interface Options {
  from?: From
  keepOld?: boolean
  wait: boolean
}

/** `headwater projections rebuild order`: asks a running service for it, and shows how far it is. */
export function registerRebuild(group: Command): void {
  const rebuild = group
    .command('rebuild')
    .description('build a projection anew from the log, beside the live table, and swap the two')
    .argument('<name>', 'the projection: order')
    .option('--from <start>', 'only what has events since then: an ISO 8601 time, or a sequence', fromOption)
    .option('--keep-old', 'keep the table that is replaced, as old_<name>_projection')
    .option('--no-wait', 'ask for it and return; `projections status` shows how far it is')
    .action(async (name: string, options: Options) => {
      await withDatabase(async ({ database }) => {
        await assertProjection(database.db, name)
        const { from, keepOld, wait } = options
        const request = { ...(from && { from }), ...(keepOld && { keepOld }) }
        const id = await requestJob(database.db, { projection: name, kind: 'rebuild', options: request })
        if (id === undefined) throw alreadyRunning(name)
        if (!wait) {
          print(`asked for the rebuild of ${name}`)
          return
        }
        const { state, error, events, started_at, finished_at, result } = await followJob(database.db, {
          projection: name,
          kind: 'rebuild',
          id,
        })
        const seconds = (Date.parse(finished_at ?? '') - Date.parse(started_at ?? '')) / 1000
        printJson({ projection: name, state, events, seconds, ...(error !== null && { error }), ...result })
        if (state !== 'done') process.exitCode = 1
      })
    })
  rebuild
    .command('cancel <name>')
    .description('stop a rebuild; the live table is left as it is')
    .action(async (name: string) => {
      await withDatabase(async ({ database }) => {
        await assertProjection(database.db, name)
        if (!(await cancelJob(database.db, name, 'rebuild'))) {
          throw new HeadwaterError({
            code: 'NO_REBUILD',
            status: 404,
            detail: `No rebuild of the projection ${name} waits or runs`,
          })
        }
        print(`asked for the end of the rebuild of ${name}`)
      })
    })
}

function alreadyRunning(name: string): HeadwaterError {
  return new HeadwaterError({
    code: 'REBUILD_RUNNING',
    status: 409,
    detail: `A rebuild of the projection ${name} is under way: \`headwater projections status\` shows how far it is, \`headwater projections rebuild cancel ${name}\` ends it`,
  })
}

function fromOption(value: string): From {
  if (/^[1-9]\d*$/.test(value)) return { sequence: Number(value) }
  const time = new Date(value)
  if (Number.isNaN(time.getTime())) {
    throw new InvalidArgumentError('It has to be an ISO 8601 time or a sequence.')
  }
  return { time: time.toISOString() }
}
