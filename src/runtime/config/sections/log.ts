import { z } from 'zod'
import { choice } from '../kinds.ts'

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
const LOG_FORMATS = ['auto', 'pretty', 'json'] as const

export const log = z
  .strictObject({
    level: choice('The least important level that is logged.', LOG_LEVELS).default('info'),
    format: choice('auto: pretty on a terminal, JSON lines elsewhere.', LOG_FORMATS).default('auto'),
  })
  .describe('The log, on standard output.')
