import { pino, type DestinationStream, type Logger } from 'pino'
import pretty from 'pino-pretty'
import { MASK, type Config } from './config/index.ts'
import { redactText } from './redact-text.ts'

/** Where log lines go; `isTTY` is what makes it a terminal. */
export interface LogStream extends DestinationStream {
  isTTY?: boolean
}

export type LoggerOptions = Config['log'] & {
  /** Standard output unless given. */
  stream?: LogStream
}

/** Deep enough for every chain of causes that helps; a cycle ends here too. */
const MAX_CAUSES = 8

/** The name, text, stack, own fields (`code`, `status`, `errors`) and causes of an error; anything else as it is. */
function errorFields(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error
  const inner = (one: unknown) => (depth < MAX_CAUSES ? errorFields(one, depth + 1) : undefined)
  return {
    ...Object.fromEntries(Object.entries(error).filter(([name]) => name !== 'name')),
    type: error.name,
    message: error.message,
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: inner(error.cause) }),
    ...(error instanceof AggregateError ? { errors: error.errors.map(inner) } : {}),
  }
}

const SECRET_NAME =
  /(password|passwd|passphrase|secret|credentials?|authorization|cookie|api[-_]?key|private[-_]?key|token)$/i
const SECRET_KEY = new RegExp(`${SECRET_NAME.source.slice(0, -1)}":`, 'i')

function maskFields(line: string): string {
  if (!SECRET_KEY.test(line)) return line
  const isSecret = (name: string, value: unknown) =>
    SECRET_NAME.test(name) && value !== null && typeof value !== 'boolean'
  const masked: unknown = JSON.parse(line, (name, value: unknown) => (isSecret(name, value) ? MASK : value))
  return `${JSON.stringify(masked)}\n`
}

/**
 * A line with every secret masked: fields by their name at any depth, and inside of texts (messages, stacks) passwords of
 * addresses and bearer tokens.
 */
export function redact(line: string): string {
  return redactText(maskFields(line))
}

/**
 * The log of a process. Lines are written before a call returns, so the last ones before a crash are not lost.
 * `auto` is pretty on a terminal, a line each but for errors, and JSON lines elsewhere. Errors belong under `err`: `log.error({ err }, 'what failed')`.
 */
export function createLogger({ level, format, stream }: LoggerOptions): Logger {
  const out = stream ?? pino.destination({ dest: 1, sync: true })
  const isTerminal = stream === undefined ? process.stdout.isTTY : stream.isTTY === true
  const colorize = isTerminal && !process.env['NO_COLOR']
  const isPretty = format === 'pretty' || (format === 'auto' && isTerminal)
  const shape = isPretty
    ? pretty.prettyFactory({
        colorize,
        ignore: 'pid,hostname',
        translateTime: 'SYS:HH:MM:ss.l',
        singleLine: true,
      })
    : (line: string) => line
  const destination = { write: (line: string) => void out.write(shape(redact(line))) }
  const options = {
    level,
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: errorFields, error: errorFields },
  }
  return pino(options, destination)
}
