import { connect } from 'node:net'

/** The part of a NATS server's greeting that is of use here. */
export interface NatsInfo {
  serverName: string
  jetStream: boolean
}

/** Reads the INFO line that a NATS server sends first to every client; `undefined` where nothing such answers. */
export function readNatsInfo(host: string, port: number, timeoutMs: number): Promise<NatsInfo | undefined> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect({ host, port })
    const end = (info?: NatsInfo): void => {
      socket.destroy()
      resolve(info)
    }
    socket.setEncoding('utf8')
    socket.setTimeout(timeoutMs, () => end())
    socket.once('error', () => end())
    socket.once('close', () => end())
    socket.on('data', (chunk: string) => {
      text += chunk
      const line = /^INFO (.*)\r\n/.exec(text)?.[1]
      if (line !== undefined) end(parse(line))
      else if (text.length > 65_536) end()
    })
  })
}

function parse(line: string): NatsInfo | undefined {
  try {
    const info: unknown = JSON.parse(line)
    if (typeof info !== 'object' || info === null) return undefined
    const serverName = 'server_name' in info && typeof info.server_name === 'string' ? info.server_name : ''
    return { serverName, jetStream: 'jetstream' in info && info.jetstream === true }
  } catch {
    return undefined
  }
}
