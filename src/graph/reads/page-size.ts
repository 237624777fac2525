import { BadUserInputError } from '../errors.ts'

/**
 * The number of items of a page.
 * @throws BadUserInputError, which says the limit, when `first` is less than 1 or more than `max`
 */
export function pageSize(first: number | null | undefined, standard: number, max: number): number {
  if (first === null || first === undefined) return Math.min(standard, max)
  if (first >= 1 && first <= max) return first
  throw new BadUserInputError('first', `must be from 1 to ${max}; it is ${first}`)
}
