import { expect, test } from 'vitest'
import { isFinal } from '../../src/commands/is-final.ts'

test.each([
  [400, true],
  [409, true],
  [422, true],
  [428, true],
  [429, false],
  [430, true],
  [499, true],
  [500, false],
  [503, false],
  [399, false],
])('a refusal with %i is final: %s', (status, final) => {
  expect(isFinal(status)).toBe(final)
})
