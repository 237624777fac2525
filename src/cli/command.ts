import { type Command, InvalidArgumentError } from 'commander'
import { text } from 'node:stream/consumers'
import { HeadwaterError } from '../streams/errors.ts'
import { printJson } from './print.ts'
import { withSession } from './session.ts'

interface Options {
  commandId?: string
  correlationId?: string
  expectedVersion?: number
  occurredAt?: string
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
    .action(
      async (aggregate: string, id: string, command: string, json: string | undefined, options: Options) => {
        const data = parse(json === '-' ? await text(process.stdin) : (json ?? '{}'))
        const reply = await withSession(({ sender }) =>
          sender.send({ aggregate, id, command, data, ...options }),
        )
        printJson(reply)
        if (!reply.ok) process.exitCode = 1
      },
    )
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (error) {
    throw new HeadwaterError({
      code: 'MALFORMED_JSON',
      status: 400,
      detail: `The data is not JSON: ${error instanceof Error ? error.message : 'it cannot be read'}`,
    })
  }
}

function wholeNumber(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError('It has to be a whole number.')
  return Number(value)
}
