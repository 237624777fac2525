import { redactText } from '../runtime/redact-text.ts'
import { HeadwaterError } from '../streams/errors.ts'

/** Writes a line to standard output. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Pretty JSON for a person, one line for a program. */
export function printJson(value: unknown): void {
  print(process.stdout.isTTY ? JSON.stringify(value, null, 2) : JSON.stringify(value))
}

/** Tells what went wrong on standard error: the code and the sentence of ours, the whole stack of a bug. No secret is in it. */
export function printError(error: unknown): void {
  const text =
    error instanceof HeadwaterError
      ? `headwater: ${error.code}: ${error.message}`
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error)
  process.stderr.write(`${redactText(text)}\n`)
}
