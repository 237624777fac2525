import { type GraphQLResolveInfo, getArgumentValues, getNamedType, isObjectType } from 'graphql/index.js'
import { type EventsArguments, eventsRange } from './events-field.ts'
import type { StartedHistory } from '../history/history.ts'
import { selectedFields } from './look-ahead.ts'

/**
 * Starts the reads that the selected fields will ask for, so that they run beside the query for the row. The fields find
 * them started in the same history; what is wrong with an argument they say themselves.
 */
export function startHistory(
  { atHand }: StartedHistory,
  info: GraphQLResolveInfo,
  { fromHistory, maxPage }: { fromHistory: string[]; maxPage: number },
): void {
  const fields = selectedFields(info)
  if (fields.some(({ name }) => fromHistory.includes(name.value))) void atHand.all()
  const type = getNamedType(info.returnType)
  const definition = isObjectType(type) ? type.getFields()['allEvents'] : undefined
  if (!definition) return
  for (const field of fields.filter(({ name }) => name.value === 'allEvents')) {
    try {
      const args: EventsArguments = getArgumentValues(definition, field, info.variableValues)
      const { after, limit } = eventsRange(args, maxPage)
      void atHand.page(after, limit + 1)
    } catch {
      // An unusable argument: the field's own resolver refuses it, with its path.
    }
  }
}
