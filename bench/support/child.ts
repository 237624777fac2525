import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

/** A process of a benchmark: it takes requests one at a time and answers each. */
export interface Child {
  readonly pid: number
  /** Sends a request and answers the reply. Throws what the child threw, as text. */
  call(request: unknown): Promise<unknown>
  /** Lets it finish, and resolves when it is gone. */
  stop(): Promise<void>
}

const Reply = z.union([z.object({ value: z.unknown() }), z.object({ failure: z.string() })])
const STOP = 'stop'

/**
 * Starts a module as a process of its own, with options that it reads by `childOptions`, and resolves when it serves.
 * `execArgv` is for profiles: `['--cpu-prof']`.
 */
export async function startChild(module: URL, options: unknown, execArgv: string[] = []): Promise<Child> {
  const child = fork(fileURLToPath(module), [JSON.stringify(options)], { execArgv, serialization: 'json' })
  const gone = once(child, 'exit').then(([code]) => {
    throw new Error(`${module.pathname} ended with ${String(code)}`)
  })
  gone.catch(() => undefined)
  const next = async () => {
    const [message] = await Promise.race([once(child, 'message'), gone])
    const reply = Reply.parse(message)
    if ('failure' in reply) throw new Error(reply.failure)
    return reply.value
  }
  await next()
  return {
    pid: child.pid ?? 0,
    call(request) {
      child.send({ request })
      return next()
    },
    stop: () => stopChild(child),
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.send(STOP)
  const impatience = setTimeout(() => child.kill('SIGKILL'), 30_000)
  await exited
  clearTimeout(impatience)
}

/** In the child: the options that it was started with, checked. */
export function childOptions<Schema extends z.ZodType>(schema: Schema): z.output<Schema> {
  return schema.parse(JSON.parse(process.argv[2] ?? 'null'))
}

const Request = z.object({ request: z.unknown() })

/** In the child: says that it is ready, answers requests until it is told to stop, and then ends after `close`. */
export function serve(answer: (request: unknown) => Promise<unknown>, close: () => Promise<unknown>): void {
  const send = (message: unknown) => process.send?.(message)
  // Without its parent a child has nothing to do.
  process.once('disconnect', () => process.exit(1))
  process.on('message', (message) => {
    if (message === STOP) {
      void close().finally(() => process.exit(0))
      return
    }
    answer(Request.parse(message).request).then(
      (value) => send({ value }),
      (error: unknown) =>
        send({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    )
  })
  send({ value: 'ready' })
}
