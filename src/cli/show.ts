import { print, printJson } from './print.ts'

/** Lines for a person at a terminal; JSON for a program, and for whoever asks for it. */
export function show<T>(value: T, json: boolean | undefined, lines: (value: T) => readonly string[]): void {
  if (json || !process.stdout.isTTY) printJson(value)
  else for (const line of lines(value)) print(line)
}
