import { randomInt } from 'node:crypto'
import { listensOn } from '../../src/runtime/embedded/ports.ts'

/**
 * A free port for a server that is to be stopped and started again on it: below those that systems hand out by themselves, so that
 * nobody who asks for any port is given it meanwhile.
 */
export async function quietPort(host = '127.0.0.1'): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_000)
    if ((await listensOn(host, port)) !== undefined) return port
  }
}
