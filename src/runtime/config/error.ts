import { HeadwaterError } from '../../streams/errors.ts'
import { originText, type Problem } from './given.ts'

function line({ path, origin, message }: Problem): string {
  if (origin === undefined) return `${path}: ${message}`
  const place = originText(origin)
  return origin.name === path ? `${place}: ${message}` : `${path} (${place}): ${message}`
}

/** Thrown by loadConfig with every problem there is. `message` is for a terminal, a line a problem. */
export class ConfigurationError extends HeadwaterError {
  constructor(problems: readonly Problem[]) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
    super({
      code: 'CONFIGURATION_INVALID',
      status: 500,
      detail: [`The configuration is not valid, ${count}:`, ...problems.map((one) => `  ${line(one)}`)].join(
        '\n',
      ),
      errors: problems.map(({ path, origin, message }) => ({
        path,
        message:
          origin === undefined || origin.name === path ? message : `${message} (${originText(origin)})`,
      })),
    })
  }
}
