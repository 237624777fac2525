/**
 * The public face of the package: what a domain is written with, and what starts and calls a service. Whatever is not named here is
 * Headwater's own, and may change with any release; `test/package/public-face.test.ts` holds the list.
 */
/** Schemas of events, commands and configuration: https://zod.dev, the copy that Headwater reads them with. */
export { z } from 'zod'
/** SQL with parameters, for resolvers and SQL projections: https://kysely.dev/docs/recipes/raw-sql. */
export { sql } from 'kysely'
/** What a statement of `sql` is executed with: `context.db` of the graph, or the transaction of a SQL projection. */
export type { QueryExecutorProvider } from 'kysely'
export { defineAggregate } from './commands/definition/define-aggregate.ts'
export type { Aggregate, AggregateDefinition, DecideContext } from './commands/definition/define-aggregate.ts'
export type { ConsultContext } from './commands/definition/consult-context.ts'
export { defineTransaction } from './commands/definition/define-transaction.ts'
export type {
  Roles,
  Transaction,
  TransactionContext,
  TransactionDecision,
  TransactionDefinition,
} from './commands/definition/define-transaction.ts'
export { commandTo } from './commands/definition/command-to.ts'
export type { AddressedCommand } from './commands/definition/command-to.ts'
export { reject } from './commands/definition/decision.ts'
export type { Decision, NewEvent, Rejection } from './commands/definition/decision.ts'
export type { CommandAccepted, CommandReply, EventSummary } from './commands/command.ts'
export type { Problem } from './commands/problem.ts'
export { defineFeed } from './feed/define-feed.ts'
export type { FeedDefinition, PublicShape, Publications } from './feed/define-feed.ts'
export type { PublicEvent } from './feed/feed-message.ts'
export { defineReactor } from './sagas/reactors/define-reactor.ts'
export type {
  FeedReactor,
  LogReactor,
  LogReactorByType,
  ReactorDefinition,
} from './sagas/reactors/definition.ts'
export type { Reaction } from './sagas/reactors/reaction.ts'
export type { Refusal } from './sagas/reactors/refusal.ts'
export { column } from './projections/definition/column.ts'
export type { Column, ColumnKind, ColumnSet, RowOf } from './projections/definition/column.ts'
export { defineProjection } from './projections/definition/define-projection.ts'
export type { FoldDefinition } from './projections/definition/define-projection.ts'
export { defineSqlProjection } from './projections/definition/define-sql-projection.ts'
export type { SqlDefinition } from './projections/definition/define-sql-projection.ts'
export type {
  AnyTables,
  FoldProjection,
  PoisonPolicy,
  ProjectionDefinition,
  ProjectionRow,
  SqlProjection,
} from './projections/definition/definition.ts'
export { defineGraph } from './graph/schema/define-graph.ts'
export type { GraphDefinition, Resolver } from './graph/schema/define-graph.ts'
export { defineEntityGraph } from './graph/entity-graph/define-entity-graph.ts'
export type { EntityGraphOptions } from './graph/entity-graph/define-entity-graph.ts'
export type { FilterField } from './graph/entity-graph/filter.ts'
export type { EntityLists, OwnedList } from './graph/entity-graph/lists.ts'
export type { MutationOptions } from './graph/entity-graph/mutations.ts'
export { defineEntity } from './graph/reads/entity.ts'
export type {
  Entity,
  EntityDefinition,
  EntityOf,
  EntityOptions,
  EntityProjection,
  EntityRow,
} from './graph/reads/entity.ts'
export type { EntityType, KeyedEntity, ReferencedEntity, Representation } from './graph/schema/entity-type.ts'
export type { Authorize, PublicValues } from './graph/schema/authorize.ts'
export type { Identify } from './graph/context/identify.ts'
export type { SubscriptionResolver } from './graph/schema/define-graph.ts'
export { connection } from './graph/reads/connection.ts'
export type { ConnectionArguments, ConnectionOptions, Connections } from './graph/reads/connection.ts'
export type { Condition } from './graph/reads/select-rows.ts'
export { command } from './graph/reads/command-field.ts'
export type { CommandFieldOptions } from './graph/reads/command-field.ts'
export { allEvents } from './graph/reads/events-field.ts'
export type { EventsArguments } from './graph/reads/events-field.ts'
export { reference } from './graph/reads/reference.ts'
export { defineLive } from './graph/live/define-live.ts'
export type { LiveFields, LiveFieldsOptions } from './graph/live/define-live.ts'
export { defineLoader } from './graph/reads/define-loader.ts'
export type { Loader } from './graph/reads/define-loader.ts'
export { BadUserInputError } from './graph/errors.ts'
export type { GraphContext } from './graph/context/context.ts'
export type { History } from './graph/history/history.ts'
export type { HistoryEvent, HistoryPoint } from './graph/history/history-reader.ts'
export { versionedEvent } from './streams/events/event-types.ts'
export type {
  DataOf,
  EventDefinition,
  EventDefinitions,
  Upcaster,
  VersionedEvent,
} from './streams/events/event-types.ts'
export type { EventFrom, EventSources } from './streams/events/event-sources.ts'
export type { EventSource, RecordedEvent } from './streams/events/recorded-event.ts'
export type { Position } from './streams/events/commit.ts'
export { HeadwaterError } from './streams/errors.ts'
export type { ErrorDetails, InputError } from './streams/errors.ts'
export { createCommandClient, CommandRefusedError } from './commands/client/client.ts'
export type { CommandClient, CommandOptions } from './commands/client/client.ts'
export type { CommandEnvelope, CommandSender } from './commands/client/command-sender.ts'
export { CommandTimeoutError } from './commands/client/command-timeout.ts'
export { createNatsSender } from './commands/client/nats-sender.ts'
export type { NatsSenderOptions } from './commands/client/nats-sender.ts'
export { connectClient } from './runtime/connect-client.ts'
export type { ConnectedClient } from './runtime/connect-client.ts'
export { awaitEvent } from './sagas/await-event.ts'
export type { AwaitedEvent } from './sagas/await-event.ts'
export { defineSaga } from './sagas/define-saga.ts'
export type { Saga, SagaDefinition } from './sagas/define-saga.ts'
export type {
  CommandStep,
  DecisionStep,
  EventStep,
  PauseStep,
  Step,
  StepCommands,
  StepContext,
} from './sagas/step.ts'
export type { RetryPolicy } from './sagas/retry.ts'
export { defineContext } from './runtime/define-context.ts'
export type { AuthorizeSagas, SagaValues } from './runtime/sagas/authorize.ts'
export type { Context, ContextDefinition } from './runtime/define-context.ts'
export { start } from './runtime/start.ts'
export type { StartOptions } from './runtime/start.ts'
export type { Service } from './runtime/service.ts'
export type { ConfigOverrides } from './runtime/config/index.ts'
export type { Endpoints } from './runtime/endpoints-file.ts'
