import { type Command, InvalidArgumentError } from 'commander'
import { jsonOf } from './json-argument.ts'
import { printJson } from './print.ts'
import { withSession } from './session.ts'

interface Options {
  commandId?: string
  correlationId?: string
  expectedVersion?: number
  occurredAt?: string
  wait?: boolean
}

/** `headwater command order o-1 create '{…}'`: sends one command and prints the reply; exit code 1 when it is refused. */
export function registerCommand(program: Command): void {
  program
    .command('command <aggregate> <id> <command> [json]')
    .description("send one command; the JSON is its data, '-' reads it from standard input")
    .option('--command-id <id>', 'makes repeating it safe')
    .option('--correlation-id <id>', 'ties it to other commands')
    .option('--expected-version <n>', 'refuse it unless the aggregate has this version', wholeNumber)
    .option('--occurred-at <time>', 'business time of an imported fact, ISO 8601')
    .option('--wait', 'of the start of a saga: answer when it has ended')
    .action(
      async (
        aggregate: string,
        id: string,
        command: string,
        json: string | undefined,
        { wait, ...options }: Options,
      ) => {
        const data = await jsonOf(json)
        const telling = setTimeout(tellWaiting, PATIENCE_MS)
        const reply = await withSession(({ sender }) =>
          sender.send({ aggregate, id, command, data, ...options, ...(wait && { wait: 'completed' }) }),
        ).finally(() => clearTimeout(telling))
        printJson(reply)
        if (!reply.ok) process.exitCode = 1
      },
    )
}

/** Longer than a command takes; a service that is gone is waited for, in case it comes back. */
const PATIENCE_MS = 1500

function tellWaiting(): void {
  if (process.stderr.isTTY) process.stderr.write('waiting for an answer …\n')
}

function wholeNumber(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError('It has to be a whole number.')
  return Number(value)
}
