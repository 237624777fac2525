import { once } from 'node:events'
import { connect } from 'node:net'
import { onTestFinished } from 'vitest'

/** A client of NATS that checks nothing of what it sends. https://docs.nats.io/reference/reference-protocols/nats-protocol */
export interface RawNats {
  /** Publishes with a head as it is (`A: b\r\n`…), and gives the body of the reply; undefined when none came in time. */
  request(subject: string, head: Buffer, body: Uint8Array, ms?: number): Promise<string | undefined>
}

export async function rawNats(url: string): Promise<RawNats> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  const inbox = `_INBOX.raw${process.pid}${Math.random().toString(36).slice(2)}`
  socket.write(`CONNECT {"verbose":false,"headers":true,"no_responders":true}\r\nSUB ${inbox}.* 1\r\n`)
  const waiting = new Map<string, (body: string) => void>()
  let received = Buffer.alloc(0)
  let count = 0

  socket.on('data', (data: Buffer) => {
    received = Buffer.concat([received, data])
    for (;;) {
      const end = received.indexOf('\r\n')
      if (end < 0) return
      const line = received.subarray(0, end).toString()
      if (line === 'PING') socket.write('PONG\r\n')
      const [, kind, subject = '', sizes = ''] = /^(H?MSG) (\S+) \S+ ?(.*)$/.exec(line) ?? []
      if (kind === undefined) {
        received = received.subarray(end + 2)
        continue
      }
      const [head, size] = kind === 'MSG' ? [0, Number(sizes)] : sizes.split(' ').map(Number)
      const from = end + 2
      if (head === undefined || size === undefined || received.length < from + size + 2) return
      waiting.get(subject)?.(received.subarray(from + head, from + size).toString())
      received = received.subarray(from + size + 2)
    }
  })

  return {
    async request(subject, lines, body, ms = 50_000) {
      const reply = `${inbox}.${++count}`
      const head = Buffer.concat([Buffer.from('NATS/1.0\r\n'), lines, Buffer.from('\r\n')])
      const answered = new Promise<string | undefined>((resolve) => {
        const timer = setTimeout(() => resolve(undefined), ms)
        waiting.set(reply, (text) => {
          clearTimeout(timer)
          resolve(text)
        })
      })
      socket.write(`HPUB ${subject} ${reply} ${head.length} ${head.length + body.length}\r\n`)
      socket.write(Buffer.concat([head, body, Buffer.from('\r\n')]))
      const text = await answered
      waiting.delete(reply)
      return text
    },
  }
}
