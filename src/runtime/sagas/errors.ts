import { HeadwaterError } from '../../streams/errors.ts'

/** No saga has the id. */
export class SagaNotFoundError extends HeadwaterError {
  constructor(id: string) {
    super({
      code: 'SAGA_NOT_FOUND',
      status: 404,
      detail: `There is no saga ${id}: \`headwater sagas list\` shows which there are`,
    })
  }
}

/** Sagas of several names have the id, and what is to be done concerns one. */
export class SagaAmbiguousError extends HeadwaterError {
  constructor(id: string, names: readonly string[]) {
    super({
      code: 'SAGA_AMBIGUOUS',
      status: 409,
      detail: `Sagas of several names have the id ${id}: give the name, one of ${names.join(', ')}`,
    })
  }
}
