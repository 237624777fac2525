import { HeadwaterError } from '../../streams/errors.ts'

/**
 * No service answered within the time: the command may or may not have been applied. Repeat it with the same command id.
 *
 * @example
 * const { client, close } = await connectClient([counter], { config: { commands: { timeoutMs: 2000 } } })
 * const commandId = 'add-2'
 * const add = () => client.counter('c-2').add({ by: 1 }, { commandId })
 * await add().catch((error: unknown) => {
 *   if (error instanceof CommandTimeoutError) return add()
 *   throw error
 * })
 * await close()
 */
export class CommandTimeoutError extends HeadwaterError {
  readonly commandId: string
  constructor(commandId: string, timeoutMs: number) {
    super({
      code: 'COMMAND_TIMEOUT',
      status: 503,
      detail: `No service answered within ${timeoutMs} ms. Is one running on this NATS system and namespace? Repeat the command with the same id, ${commandId}`,
      retryAfterMs: 1000,
    })
    this.commandId = commandId
  }
}
