import { type Command, InvalidArgumentError } from 'commander'
import { jsonOf } from './json-argument.ts'
import { print, printJson } from './print.ts'
import { advice } from './sagas-advice.ts'
import { listSagas, sagaTable } from './sagas-list.ts'
import { withSaga } from './sagas-session.ts'
import { readSaga } from './sagas-show.ts'
import { timeline } from './sagas-timeline.ts'
import { show } from './show.ts'

interface Named {
  name?: string
}

/** `headwater sagas …`: what business transactions did, and what is to become of those that need a person. */
export function registerSagas(program: Command): void {
  const sagas = program
    .command('sagas')
    .description('look after sagas: business transactions over several aggregates')
  sagas
    .command('list')
    .description('the newest sagas; of one name, or in one status')
    .option('--name <name>', 'of this name')
    .option('--status <status>', STATUSES.join(', '), statusOf)
    .option('--limit <n>', 'how many', limitOf, 100)
    .option('--json', 'print it as JSON')
    .action(async ({ json, ...options }: Named & { status?: string; limit: number; json?: boolean }) => {
      const rows = await listSagas(options)
      show(rows, json, (found) => sagaTable(found, options.limit))
    })
  named(sagas.command('show <id>'))
    .description('what a saga did and why, out of its log, and what can be done; needs no PostgreSQL')
    .option('--json', 'print it as JSON')
    .action(async (id: string, { name, json }: Named & { json?: boolean }) => {
      const { saga, row, transitions } = await withSaga(id, name, async (found) => ({
        saga: found,
        ...(await readSaga(found)),
      }))
      if (json || !process.stdout.isTTY) {
        const { status = null, steps = [], compensations = [], reason = null } = row ?? {}
        printJson({ name: saga.name, id, status, reason, steps, compensations, transitions })
        return
      }
      print(`${saga.name} ${id}: ${row?.status.toLowerCase() ?? 'unknown to this release'}`)
      for (const line of timeline(transitions)) print(line)
      if (row) for (const line of advice(row)) print(line)
    })
  named(sagas.command('signal <id> <step> [json]'))
    .description(
      "decide what a step waits for; '-' reads the JSON from standard input; exit code 1 when it is refused",
    )
    .action(async (id: string, step: string, json: string | undefined, { name }: Named) => {
      const data = await jsonOf(json)
      await tell(id, name, 'signal', { step, data })
    })
  named(sagas.command('resume <id>'))
    .description('try again what a saga is parked for; exit code 1 when it is refused')
    .option('--done', 'take it for done: somebody has done it by hand')
    .action(async (id: string, { name, done = false }: Named & { done?: boolean }) => {
      await tell(id, name, 'resume', { done })
    })
  named(sagas.command('abandon <id>'))
    .description('undo a saga; a parked one is ended as it is; exit code 1 when it is refused')
    .option('--reason <text>', 'why, for those who read its log')
    .action(async (id: string, { name, reason }: Named & { reason?: string }) => {
      await tell(id, name, 'abandon', { ...(reason !== undefined && { reason }) })
    })
}

const named = (command: Command) =>
  command.option('--name <name>', 'which one, where several sagas have the id')

async function tell(id: string, name: string | undefined, command: string, data: object): Promise<void> {
  const reply = await withSaga(id, name, (saga, { sender }) =>
    sender.send({ aggregate: saga.name, id, command, data }),
  )
  printJson(reply)
  if (!reply.ok) process.exitCode = 1
}

const STATUSES = ['running', 'compensating', 'parked', 'completed', 'compensated', 'abandoned']

function statusOf(value: string): string {
  if (!STATUSES.includes(value.toLowerCase()))
    throw new InvalidArgumentError(`It has to be one of ${STATUSES.join(', ')}.`)
  return value.toUpperCase()
}

function limitOf(value: string): number {
  const limit = Number(value)
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > 10_000)
    throw new InvalidArgumentError('It has to be a whole number from 1 to 10000.')
  return limit
}
