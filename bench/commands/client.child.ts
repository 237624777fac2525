import { z } from 'zod'
import { childOptions, serve } from '../support/child.ts'
import { LoadShape, runLoad } from '../support/load.ts'
import { connectTo } from '../support/service-parts.ts'
import { type Request, Traffic, preparation, requests } from '../support/traffic.ts'
import { openBarePublisher } from './bare-publisher.ts'
import { openCommander } from './commander.ts'

/**
 * - `publish`, `request`: a bare publish with an expected sequence, by the JetStream client and by a plain request
 * - `commands`: our client, to our service
 */
export const Way = z.enum(['publish', 'request', 'commands'])
export type Way = z.output<typeof Way>

export const ClientRequest = z.object({ way: Way, traffic: Traffic, run: z.string(), shape: LoadShape })
export type ClientRequest = z.output<typeof ClientRequest>

/** Customers to be made, all at the same time, each one command after another. */
const WriteRequest = z.object({ write: z.array(z.object({ run: z.string(), events: z.int() })) })

/** The process that sends: the same one, on one connection, for what is compared. */
if (import.meta.main) {
  const { url } = childOptions(z.object({ url: z.string() }))
  const nc = await connectTo(url)
  const bare = await openBarePublisher(nc)
  const commander = openCommander(nc)
  const senders: Record<Way, (request: Request) => Promise<string | undefined>> = {
    publish: (request) => bare.publish(request),
    request: (request) => bare.request(request),
    commands: (request) => commander.send(request),
  }
  const write = async ({ run, events }: { run: string; events: number }) => {
    await commander.prepare(preparation('one-address', run))
    const source = requests('one-address', run)
    const failures: string[] = []
    for (let version = 2; version <= events; version++) {
      const failure = await commander.send(source.next().value)
      if (failure !== undefined) failures.push(failure)
    }
    return failures
  }
  serve(
    async (request) => {
      const writing = WriteRequest.safeParse(request)
      if (writing.success) return (await Promise.all(writing.data.write.map(write))).flat()
      const { way, traffic, run, shape } = ClientRequest.parse(request)
      const send = senders[way]
      if (way === 'commands') await commander.prepare(preparation(traffic, run))
      const source = requests(traffic, run)
      return runLoad(shape, () => send(source.next().value))
    },
    () => nc.close(),
  )
}
