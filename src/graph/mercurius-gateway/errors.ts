import { HeadwaterError } from '../../streams/errors.ts'

/** The second engine cannot serve what is configured or what the subgraphs say; the first one can. */
export class EngineUnsuitedError extends HeadwaterError {
  constructor(reason: string) {
    super({
      code: 'GATEWAY_ENGINE_UNSUITED',
      status: 500,
      detail: `gateway.engine = "mercurius" knows Federation 1 only: ${reason}. Change that, or use gateway.engine = "hive"`,
    })
  }
}
