import { HeadwaterError } from '../streams/errors.ts'

/** Nothing says where a service is: none runs in this folder, and no configuration names one. */
export class NoServiceError extends HeadwaterError {
  /** @param otherwise how to say where it is: `say where NATS is with NATS_URL` */
  constructor(otherwise: string) {
    super({
      code: 'NO_SERVICE',
      status: 503,
      detail: `No service runs in this folder (its data folder has no endpoints.json): start one with \`npx headwater start\`, or ${otherwise}`,
    })
  }
}
