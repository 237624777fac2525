import type { Command } from 'commander'
import { z } from 'zod'
import { requestJob } from '../projections/jobs/job.ts'
import { HeadwaterError } from '../streams/errors.ts'
import { followJob } from './follow-job.ts'
import { assertProjection } from './known-projection.ts'
import { show } from './show.ts'
import { withDatabase } from './with-database.ts'

const Verified = z.object({
  positions: z.record(z.string(), z.number()),
  rows: z.number(),
  differences: z.number(),
  sample: z.array(z.object({ table: z.string(), live: z.unknown(), expected: z.unknown() })),
})

/** `headwater projections verify order`: compares the table with the log; exit code 1 when they differ. */
export function registerVerify(group: Command): void {
  group
    .command('verify <name>')
    .description('fold the log afresh and compare it with the live table; exit code 1 when any row differs')
    .option('--json', 'print it as JSON')
    .action(async (name: string, { json }: { json?: boolean }) => {
      await withDatabase(async ({ database }) => {
        await assertProjection(database.db, name)
        const id = await requestJob(database.db, { projection: name, kind: 'verify', options: {} })
        if (id === undefined) {
          throw new HeadwaterError({
            code: 'VERIFY_RUNNING',
            status: 409,
            detail: `The projection ${name} is being verified already; ask again when that is done`,
          })
        }
        const job = await followJob(database.db, { projection: name, kind: 'verify', id })
        if (job.state !== 'done') {
          throw new HeadwaterError({ code: 'VERIFY_FAILED', status: 500, detail: job.error ?? job.state })
        }
        const verified = Verified.parse(job.result)
        show({ projection: name, ...verified }, json, lines)
        if (verified.differences > 0) process.exitCode = 1
      })
    })
}

function lines({
  projection: name,
  positions,
  rows,
  differences,
  sample,
}: z.output<typeof Verified> & { projection: string }): string[] {
  const where = Object.entries(positions)
    .map(([stream, sequence]) => `${stream} ${sequence}`)
    .join(', ')
  const number = (value: number) => value.toLocaleString('en')
  if (differences === 0) return [`${name} is what the log says: ${number(rows)} rows at ${where}`]
  return [
    `${name} differs from the log in ${number(differences)} of ${number(rows)} rows at ${where}`,
    ...sample.flatMap(({ table, live, expected }) => [
      table,
      `  live      ${JSON.stringify(live)}`,
      `  from log  ${JSON.stringify(expected)}`,
    ]),
    ...(sample.length < differences ? [`and ${number(differences - sample.length)} more`] : []),
  ]
}
