import { HeadwaterError } from '../../streams/errors.ts'
import { assertId } from '../../streams/events/subjects.ts'
import type { Command } from '../command.ts'
import { isRejection } from '../definition/decision.ts'
import type { Transaction } from '../definition/define-transaction.ts'
import type { Participant } from './enlisted.ts'

/** A transaction that cannot be as it was asked for, whatever its aggregates are like. */
class TransactionRefusedError extends HeadwaterError {}

/**
 * Who takes part in a transaction, in the order of its roles.
 *
 * @throws TransactionRefusedError with the domain's own code; 422 SAME_AGGREGATE when two roles are the same aggregate; 400
 *   when Expected-Version is given for one that takes no part. InvalidIdError 400
 */
export function participantsOf(transaction: Transaction, command: Command): Participant[] {
  const { name, roles } = transaction
  const ids = transaction.participants(command.data, command.id)
  if (isRejection(ids)) throw new TransactionRefusedError(ids)
  const participants = Object.entries(roles).map(([role, aggregate]): Participant => {
    const id = ids[role]
    if (id === undefined) throw new TypeError(`${name} says nobody for its role ${role}`)
    assertId(id)
    return { role, key: `${aggregate.name}.${id}`, aggregate, id }
  })
  const keys = participants.map(({ key }) => key)
  const twice = participants.find(({ key }, index) => keys.indexOf(key) !== index)
  if (twice) {
    const both = participants.filter(({ key }) => key === twice.key).map(({ role }) => role)
    throw new TransactionRefusedError({
      code: 'SAME_AGGREGATE',
      status: 422,
      detail: `${twice.aggregate.name} ${twice.id} cannot be ${both.join(' and ')} of one ${name}; name different ones`,
    })
  }
  if (command.expectedVersion !== undefined && !keys.includes(`${command.aggregate}.${command.id}`)) {
    throw new TransactionRefusedError({
      code: 'INVALID_HEADER',
      status: 400,
      detail: `Expected-Version is that of ${command.aggregate} ${command.id}, which takes no part in this ${name}`,
      errors: [{ path: 'Expected-Version', message: 'is not of an aggregate that takes part' }],
    })
  }
  return participants
}
