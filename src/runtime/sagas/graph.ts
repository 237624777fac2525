import { hasColumns } from '../../graph/reads/as-of.ts'
import { connection } from '../../graph/reads/connection.ts'
import type { GraphContext } from '../../graph/context/context.ts'
import { type GraphDefinition, defineGraph } from '../../graph/schema/define-graph.ts'
import { type EntityDefinition, type EntityOptions, defineEntity } from '../../graph/reads/entity.ts'
import { allEvents } from '../../graph/reads/events-field.ts'
import { foldRows } from '../../graph/reads/fold-row.ts'
import { readHistory } from '../../graph/history/history.ts'
import { defineLive } from '../../graph/live/define-live.ts'
import type { Condition } from '../../graph/reads/select-rows.ts'
import type { CommandAccepted } from '../../commands/command.ts'
import type { SagaAggregate } from '../../sagas/machine/aggregate.ts'
import type { Position } from '../../streams/events/commit.ts'
import { isToken } from '../../streams/events/subjects.ts'
import { controlSaga } from './control.ts'
import { type SagaArguments, assertSaga } from './find-saga.ts'
import { followedSaga } from './live-saga.ts'
import { newestSaga } from './newest-saga.ts'
import type { SagaRow, sagaProjection } from './projection.ts'
import { sagaTypeDefs } from './type-defs.ts'

export interface SagaGraphOptions {
  aggregates: readonly SagaAggregate[]
  projection: ReturnType<typeof sagaProjection>
  authorize?: EntityOptions<SagaRow>['authorize']
}

type TextFilter = 'name' | 'status' | 'startedFrom' | 'startedTo' | 'step' | 'code'
type SagaFilter = { [Name in TextFilter]?: string | null } & { statusIn?: string[] | null }

const where = (filter: SagaFilter): Condition<SagaRow>[] => [
  ['name', '=', filter.name],
  ['status', '=', filter.status],
  ['status', 'in', filter.statusIn],
  ['started_at', '>=', filter.startedFrom],
  ['started_at', '<=', filter.startedTo],
  ['current_step', '=', filter.step],
  ['failure_code', '=', filter.code],
]

/** The subgraph of the context `sagas`: all of them, whatever they are called, as one type. */
export function sagaGraph({ aggregates, projection, authorize }: SagaGraphOptions): GraphDefinition {
  const names = aggregates.map(({ name }) => name)
  const sagas = defineEntity<SagaRow>({
    type: 'Saga',
    key: 'key',
    aggregate: { members: aggregates, locate: (key) => locate(key, names) },
    projection,
    names: { saga_id: 'id' },
    ...(authorize && { authorize }),
  })
  const lists = connection(sagas, {
    orderBy: { STARTED_AT: 'started_at', UPDATED_AT: 'updated_at' },
    where,
  })
  const live = defineLive(sagas, {
    family: {
      arguments: 'id: ID!, name: String',
      async locate({ id, name, after }, surroundings) {
        const wanted = { id: String(id), name: textOf(name), after: textOf(after) }
        return { aggregate: await followedSaga(wanted, names, surroundings), id: wanted.id }
      },
    },
  })

  return defineGraph({
    typeDefs: [sagaTypeDefs, lists.typeDefs, live.typeDefs],
    entities: [sagas],
    resolvers: {
      Query: {
        async saga(_: unknown, args: SagaArguments & { atLeast?: Position | null }, context, info) {
          const { id, name, atLeast } = args
          assertSaga(args, names)
          const key =
            typeof name === 'string'
              ? `${name}.${id}`
              : await newestSaga(id, { projection, atLeast, context })
          const found: unknown =
            key === undefined
              ? null
              : Reflect.apply(sagas.one, undefined, [undefined, { key, atLeast }, context, info])
          return await found
        },
        sagas: lists.all,
      },
      CommandResult: {
        saga: (result: CommandAccepted, _: unknown, context) => sagaOf(sagas, names, result, context),
      },
      Subscription: live.subscriptions,
      ...live.types,
      Saga: { allEvents },
      Mutation: {
        signalSaga: controlSaga(names, 'signal', ['step', 'data']),
        resumeSaga: controlSaga(names, 'resume', ['done']),
        abandonSaga: controlSaga(names, 'abandon', ['reason']),
      },
    },
  })
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)

function locate(key: string, names: readonly string[]) {
  const dot = key.indexOf('.')
  const [aggregate, id] = [key.slice(0, dot), key.slice(dot + 1)]
  return names.includes(aggregate) && isToken(id) ? { aggregate, id } : undefined
}

/**
 * The saga that a command was for, folded from its log: the table is a moment behind it, and the position of the command is
 * not known to a subgraph that is asked for the result alone.
 */
async function sagaOf(
  sagas: EntityDefinition<SagaRow>,
  names: readonly string[],
  { aggregate, id }: Pick<CommandAccepted, 'aggregate' | 'id'>,
  context: GraphContext,
) {
  if (!names.includes(aggregate) || !isToken(id)) return null
  const events = await context.history(aggregate, id).all()
  const row = foldRows(sagas.projection, events)
  if (!hasColumns(sagas.projection, row)) return null
  const saga = sagas.of(row, context)
  return saga && { ...saga, history: readHistory(events) }
}
