import { expect, it } from 'vitest'
import { isTransientInDatabase } from '../../src/projections/errors.ts'

const withCode = (code: string) => Object.assign(new Error('x'), { code })

it.each([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EMFILE',
  '57P01',
  '08006',
  '40001',
])('%s is of the connection or of the server: the same statement may pass later', (code) =>
  expect(isTransientInDatabase(withCode(code))).toBe(true),
)

it.each([
  'ENOENT',
  'EACCES',
  'EEXIST',
  'EISDIR',
  'EINVAL',
  'EPERM',
  'ERANGE',
  'ECONN',
  '23505',
  '22003',
  'P0001',
])('%s is of what was done: it comes again with the same event', (code) =>
  expect(isTransientInDatabase(withCode(code))).toBe(false),
)
