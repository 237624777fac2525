import { HeadwaterError } from '../../streams/errors.ts'

/** Why an embedded server is not there. All are a 503: the service is sound, something it needs is not. */
export type EmbeddedErrorCode =
  | 'DATA_FOLDER_IN_USE'
  | 'DATA_FOLDER_UNUSABLE'
  | 'NATS_SERVER_MISSING'
  | 'NATS_START_FAILED'
  | 'POSTGRES_MISSING'
  | 'POSTGRES_NOT_RUNNABLE'
  | 'POSTGRES_DATA_UNUSABLE'
  | 'POSTGRES_START_FAILED'

/** The embedded stack cannot do what it was asked; `detail` says what a person can do about it. */
export class EmbeddedServerError extends HeadwaterError {
  constructor(code: EmbeddedErrorCode, detail: string, cause?: unknown) {
    super({ code, status: 503, detail, cause })
  }
}

/** The text of anything thrown, for a log line or a detail. */
export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Whether a system call failed with one of these (`ENOENT`, `EACCES`, …). */
export function failedWith(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
