/**
 * Where somebody meets an error: in the reply to a command (NATS), in the answer of the graph, on the command line, in
 * place of a service or gateway that does not start, thrown by the package to the program that called it, or only in the
 * log, the status and the parked events of a service.
 */
export type Surface = 'reply' | 'graph' | 'cli' | 'start' | 'program' | 'log'

/** What is to know of a code. */
export interface ErrorEntry {
  /** As in HTTP (RFC 9110). */
  readonly status: number
  readonly where: readonly Surface[]
  readonly when: string
  readonly remedy: string
}

/** The errors that one part of Headwater knows, by code. */
export type ErrorTable = Readonly<Record<string, ErrorEntry>>
