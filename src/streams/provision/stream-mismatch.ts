import { HeadwaterError } from '../errors.ts'

/** What a stream is for, as far as an error has to tell. */
export interface StreamPurpose {
  /** Of the error: `FEED_STREAM_MISMATCH`. */
  code: string
  /** Where in the configuration another stream is named; unless given, nowhere. */
  setting?: string
}

/** One setting of an existing stream that is not as it should be. */
export interface StreamDifference {
  key: string
  actual: unknown
  wanted: unknown
}

/** The stream exists with settings that NATS cannot change, or is refused: somebody has to decide what to do with its data. */
export class StreamMismatchError extends HeadwaterError {
  readonly differences: StreamDifference[]
  /** @param differences none when the server does not make the stream; `cause` is then why */
  constructor(
    { code, setting }: StreamPurpose,
    name: string,
    differences: StreamDifference[],
    cause?: unknown,
  ) {
    const why = cause instanceof Error ? `: ${cause.message}` : ''
    const other =
      setting === undefined
        ? 'configure what it has'
        : `name another stream in the configuration (${setting})`
    super({
      code,
      status: 500,
      detail:
        differences.length === 0
          ? `The stream ${name} cannot be made${why}. Mend that, or ${other}`
          : `The stream ${name} exists with other settings that cannot be changed in place: ${describeDifferences(differences)}${why}. ` +
            `Move its data to a stream with the wanted settings (nats stream backup / restore), or ${other}`,
      cause,
    })
    this.differences = differences
  }
}

/** Differences in words, for a person. */
export function describeDifferences(differences: StreamDifference[]): string {
  return differences
    .map(
      ({ key, actual, wanted }) => `${key} is ${JSON.stringify(actual)}, should be ${JSON.stringify(wanted)}`,
    )
    .join('; ')
}
