import { type Command, InvalidArgumentError } from 'commander'
import { once } from 'node:events'
import { type WriteStream, createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { CommandEnvelope, CommandSender } from '../commands/client/command-sender.ts'
import type { CommandReply } from '../commands/command.ts'
import { problemOf } from '../commands/problem.ts'
import { HeadwaterError } from '../streams/errors.ts'
import { parseBulkLine } from './bulk-line.ts'
import { print } from './print.ts'
import { startProgress } from './send-progress.ts'
import { count, createTally, increment, summary, total } from './send-summary.ts'
import { sendInOrder } from './send-in-order.ts'
import { withSession } from './session.ts'

interface Options {
  concurrency: number
  refused?: string
}

interface Line {
  envelope: CommandEnvelope
  text: string
}

/** `headwater send FILE|-`: sends a bulk file. Exit code 0 only when nothing failed; a refusal is an answer. */
export function registerSend(program: Command): void {
  program
    .command('send <file>')
    .description(
      "send the commands of an NDJSON file, '-' for standard input; in order per aggregate, safe to repeat",
    )
    .option('--concurrency <n>', 'how many commands may be on their way', positive, 64)
    .option('--refused <file>', 'keep the refused and failed lines, each with its problem, in this file')
    .action(async (file: string, { concurrency, refused }: Options) => {
      const bytes = file === '-' ? undefined : await sizeOf(file)
      const startedAt = performance.now()
      const tally = createTally()
      const progress = startProgress(tally, bytes)
      const kept = refused === undefined ? undefined : createWriteStream(refused)
      try {
        await withSession(async ({ sender }) => {
          const lines = readLines(file, (line, problem) => {
            increment(tally.failed, 'INVALID_LINE')
            process.stderr.write(`line ${line}: ${problem}\n`)
          })
          const assertAnswering = giveUpWhenSilent()
          await sendInOrder(lines, concurrency, async (line) => {
            const reply = await replyTo(sender, line.envelope)
            assertAnswering(reply)
            if (count(tally, reply) && kept) await keep(kept, line, reply)
            progress.update(Buffer.byteLength(line.text) + 1)
          })
        })
      } finally {
        progress.stop()
        kept?.end()
        if (kept) await once(kept, 'close')
        for (const line of summary(tally, performance.now() - startedAt)) print(line)
      }
      if (total(tally.failed) > 0) process.exitCode = 1
    })
}

async function replyTo(sender: CommandSender, envelope: CommandEnvelope): Promise<CommandReply> {
  try {
    return await sender.send(envelope)
  } catch (error) {
    // A time-out or an id that cannot be sent is this line's problem; the others go on.
    if (error instanceof HeadwaterError) return problemOf(error)
    throw error
  }
}

/** Longer than a restart takes. */
const SILENCE_MS = 15_000

/** Ends a run once nobody has answered for a while: the service is gone, and every line left would wait for its time-out. */
function giveUpWhenSilent(): (reply: CommandReply) => void {
  let answeredAt = performance.now()
  return (reply) => {
    if (reply.ok || reply.code !== 'COMMAND_TIMEOUT') answeredAt = performance.now()
    if (performance.now() - answeredAt < SILENCE_MS) return
    throw new HeadwaterError({
      code: 'SERVICE_GONE',
      status: 503,
      detail: `No command was answered for ${SILENCE_MS / 1000} s: the service is gone. Send the same file again once it is back; what was accepted is not applied twice`,
    })
  }
}

async function* readLines(
  file: string,
  onInvalid: (line: number, problem: string) => void,
): AsyncGenerator<Line> {
  const input = file === '-' ? process.stdin : createReadStream(file)
  let number = 0
  for await (const text of createInterface({ input, crlfDelay: Infinity })) {
    number++
    if (text.trim() === '') continue
    const parsed = parseBulkLine(text, file === '-' ? undefined : `${resolve(file)}:${number}`)
    if ('problem' in parsed) onInvalid(number, parsed.problem)
    else yield { envelope: parsed.envelope, text }
  }
}

async function keep(stream: WriteStream, { text }: Line, problem: CommandReply): Promise<void> {
  const line: object = JSON.parse(text)
  if (!stream.write(`${JSON.stringify({ ...line, problem })}\n`)) await once(stream, 'drain')
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size
  } catch (cause) {
    throw new HeadwaterError({ code: 'FILE_NOT_FOUND', status: 400, detail: `${file} cannot be read`, cause })
  }
}

function positive(value: string): number {
  if (!/^[1-9]\d{0,4}$/.test(value)) throw new InvalidArgumentError('It has to be a number from 1 to 99999.')
  return Number(value)
}
