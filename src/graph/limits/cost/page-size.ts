import type { FieldNode } from 'graphql/index.js'
import type { ReadVariable } from '../../syntax/inclusion.ts'
import { LimitError } from '../limit-error.ts'
import { argumentSize } from './argument-size.ts'
import type { FieldCost } from './field-cost.ts'

/**
 * How many items a field's page has at most, as its arguments say.
 * @throws LimitError SLICING_ARGUMENT_REQUIRED
 */
export function pageSize(
  node: FieldNode,
  { slicing, assumed, requireOne }: FieldCost,
  read: ReadVariable,
): number {
  const sizes = slicing.flatMap((argument) => argumentSize(node, argument, read) ?? [])
  if (requireOne && sizes.length !== 1) {
    const names = slicing.map(({ name }) => name).join(', ')
    throw new LimitError('SLICING_ARGUMENT_REQUIRED', {
      message: `${node.name.value} needs exactly one of the arguments ${names}; ${sizes.length} are given`,
      measured: sizes.length,
      limit: 1,
      node,
    })
  }
  return sizes.length > 0 ? Math.max(...sizes) : assumed
}
