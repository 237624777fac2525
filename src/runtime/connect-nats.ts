import {
  type ConnectionOptions,
  type NatsConnection,
  connect,
  credsAuthenticator,
} from '@nats-io/transport-node'
import { readFile } from 'node:fs/promises'
import type { Logger } from 'pino'
import { HeadwaterError } from '../streams/errors.ts'
import { type Config, maskUrl } from './config/index.ts'
import { natsLogin } from './nats-login.ts'

class NatsUnavailableError extends HeadwaterError {
  constructor(url: string, cause: unknown) {
    super({
      code: 'NATS_UNAVAILABLE',
      status: 503,
      detail: `No NATS server answers at ${maskUrl(url)} (${cause instanceof Error ? cause.message : 'no reason given'}). Is it running, and are the credentials right?`,
      cause,
    })
  }
}

export interface NatsOptions {
  /** One address, or several with commas. */
  url: string
  settings: Pick<Config['nats'], 'credentialsFile' | 'user' | 'password' | 'token' | 'tls'>
  /** Shown by `nats server report connections`. */
  name: string
  logger?: Logger
}

/**
 * Connects to NATS, and keeps reconnecting for as long as the process lives.
 * @throws NatsUnavailableError when no server answers the first time
 */
export async function connectNats({ url, settings, name, logger }: NatsOptions): Promise<NatsConnection> {
  const { servers, login } = natsLogin(url)
  const options: ConnectionOptions = {
    servers,
    name,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    // Off: a stack trace is captured for every single request otherwise.
    noAsyncTraces: true,
    ...login,
    ...(await credentials(settings)),
  }
  const nc = await connect(options).catch((error: unknown) => {
    throw new NatsUnavailableError(url, error)
  })
  if (logger) void report(nc, logger)
  return nc
}

async function credentials({ credentialsFile, user, password, token, tls }: NatsOptions['settings']) {
  return {
    ...(credentialsFile !== undefined && {
      authenticator: credsAuthenticator(await readFile(credentialsFile)),
    }),
    ...(user !== undefined && { user, pass: password ?? '' }),
    ...(token !== undefined && { token }),
    ...(tls && {
      tls: {
        ...(tls.caFile !== undefined && { caFile: tls.caFile }),
        ...(tls.certFile !== undefined && { certFile: tls.certFile }),
        ...(tls.keyFile !== undefined && { keyFile: tls.keyFile }),
      },
    }),
  }
}

/** Tells the log when the connection is lost and found again. Ends with the connection. */
async function report(nc: NatsConnection, logger: Logger): Promise<void> {
  for await (const { type } of nc.status()) {
    if (type === 'disconnect') logger.warn('the connection to NATS is lost; reconnecting')
    if (type === 'reconnect') logger.info('connected to NATS again')
  }
}
