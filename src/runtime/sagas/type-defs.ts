/** The SDL of the context `sagas`: its words are what a client knows of sagas. */
export const sagaTypeDefs = /* GraphQL */ `
  extend type Query {
    "The saga as it is; the newest one when sagas of several names have the id, and no name is given. Null when there is none"
    saga(id: ID!, name: String, atLeast: PositionInput): Saga
    "At most 100 a page; newest first unless ordered otherwise"
    sagas(
      filter: SagaFilter
      orderBy: SagaOrder
      first: Int = 20
      after: String
      atLeast: PositionInput
    ): SagaConnection!
  }

  extend type CommandResult {
    "The saga that the command was for, as its log has it now; null when it was for something else"
    saga: Saga
  }

  "A business transaction over several aggregates: what it did, and why"
  type Saga {
    "\`<name>.<id>\`: one of a kind over all sagas"
    key: ID!
    "As in hw.cmd.<name>.<id>.start"
    id: ID!
    name: String!
    status: SagaStatus!
    "The first of the steps that are under way, forth or back, or the one that it was parked for; null when it has ended"
    currentStep: String
    startedAt: DateTime!
    updatedAt: DateTime!
    "Null until it has ended"
    finishedAt: DateTime
    "In the order in which they began"
    steps: [SagaStep!]!
    "What undoes them, in the order in which it began"
    compensations: [SagaCompensation!]!
    "Why it is undone, parked or abandoned"
    reason: SagaReason
    "What it was started with"
    input: JSON
    version: Int!
    allEvents(first: Int = 100, after: String): EventConnection!
  }

  enum SagaStatus {
    RUNNING
    COMPENSATING
    "It goes neither on nor back by itself: a person has to look"
    PARKED
    COMPLETED
    COMPENSATED
    "Ended by a person as it was"
    ABANDONED
  }

  type SagaStep {
    name: String!
    status: SagaStepStatus!
    attempts: Int!
    startedAt: DateTime!
    finishedAt: DateTime
    "Of the last attempt, unless it succeeded"
    error: SagaError
    "Null unless it waits"
    waitsFor: SagaWait
    "When the waiting ends by itself; null when it does not"
    until: DateTime
  }

  enum SagaStepStatus {
    RUNNING
    RETRYING
    WAITING
    SUCCEEDED
    FAILED
  }

  "RETRY is the pause before the next attempt"
  enum SagaWait {
    EVENT
    DECISION
    TIME
    RETRY
  }

  type SagaCompensation {
    "Of the step that it undoes"
    name: String!
    status: SagaStepStatus!
    attempts: Int!
    startedAt: DateTime!
    finishedAt: DateTime
    "Of the last attempt, unless it succeeded"
    error: SagaError
    "When it is tried again"
    until: DateTime
  }

  "In the words of whoever refused it"
  type SagaError {
    code: String!
    detail: String!
    status: Int!
  }
  type SagaReason {
    code: String!
    detail: String!
  }

  "What is given has to hold, all of it; from and to include their values"
  input SagaFilter {
    name: String
    status: SagaStatus
    statusIn: [SagaStatus!]
    startedFrom: DateTime
    startedTo: DateTime
    "The current step"
    step: String
    "The code of the reason"
    code: String
  }

  extend type Mutation {
    "Decides what a step of a saga waits for. The name may be left out when sagas of one name alone have the id; so below"
    signalSaga(id: ID!, name: String, step: String!, data: JSON, commandId: ID): CommandResult!
    "Tries again what a saga was parked for; with done, takes it for done"
    resumeSaga(id: ID!, name: String, done: Boolean = false, commandId: ID): CommandResult!
    "Undoes a saga; a parked one is ended as it is"
    abandonSaga(id: ID!, name: String, reason: String, commandId: ID): CommandResult!
  }
`
