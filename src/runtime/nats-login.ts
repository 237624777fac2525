export interface NatsLogin {
  /** The addresses without what is in front of their `@`. */
  readonly servers: string[]
  /** Of the first address that has one; the same for all of them. */
  readonly login: { user: string; pass: string } | { token: string } | Record<string, never>
}

/**
 * Takes the log-in out of addresses, `nats://user:password@host` or `nats://token@host`: the client library passes over it, and a
 * server would only hear of nobody.
 *
 * @param url one address, or several with commas, as the configuration has checked them
 */
export function natsLogin(url: string): NatsLogin {
  const addresses = url.split(',').map((address) => {
    const text = address.trim()
    return new URL(text.includes('://') ? text : `nats://${text}`)
  })
  const [first] = addresses.filter(({ username }) => username !== '')
  const user = decodeURIComponent(first?.username ?? '')
  const pass = decodeURIComponent(first?.password ?? '')
  return {
    servers: addresses.map(({ protocol, host, pathname, search }) =>
      // Only a WebSocket has a path.
      protocol.startsWith('ws') ? `${protocol}//${host}${pathname}${search}` : `${protocol}//${host}`,
    ),
    login: first === undefined ? {} : pass === '' ? { token: user } : { user, pass },
  }
}
