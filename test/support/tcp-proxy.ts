import { once } from 'node:events'
import { type Socket, connect, createServer } from 'node:net'

/** A wire between a client and a server that a test can cut. */
export interface TcpProxy {
  port: number
  /** From now on what the server says is lost, and what clients say arrives. */
  loseAnswers(): void
  /** From now on nothing comes through, either way, not even the end of a connection. */
  stall(): void
  /** Ends all connections at once, and from now on new ones too. */
  refuse(): void
  /** Ends all connections at once, and takes new ones that lose nothing. */
  sever(): void
  /** How many bytes from the server were lost. */
  readonly lost: number
  close(): Promise<void>
}

export async function startProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const pairs = new Set<{ client: Socket; server: Socket }>()
  let losing = false
  let stalled = false
  let refusing = false
  let lost = 0
  const listener = createServer((client) => {
    if (refusing) {
      client.destroy()
      return
    }
    const server = connect(target)
    const pair = { client, server }
    pairs.add(pair)
    const end = () => {
      pairs.delete(pair)
      client.destroy()
      server.destroy()
    }
    for (const socket of [client, server]) socket.setNoDelay(true).on('error', end).on('close', end)
    client.on('data', (data) => server.write(data))
    server.on('data', (data) => {
      if (losing) lost += data.length
      else client.write(data)
    })
    if (stalled) pause(pair)
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')

  function pause({ client, server }: { client: Socket; server: Socket }): void {
    client.pause()
    server.pause()
  }
  function sever(): void {
    losing = false
    stalled = false
    refusing = false
    for (const { client, server } of pairs) {
      client.destroy()
      server.destroy()
    }
  }
  return {
    port: address.port,
    loseAnswers() {
      losing = true
    },
    stall() {
      stalled = true
      for (const pair of pairs) pause(pair)
    },
    refuse() {
      sever()
      refusing = true
    },
    sever,
    get lost() {
      return lost
    },
    async close() {
      sever()
      listener.close()
      await once(listener, 'close')
    },
  }
}
