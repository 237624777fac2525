/** Shorter ones would blot out half of every text. */
const SHORTEST = 3

/** Takes whatever the address of a database tells of it out of a text: the address itself, user, password, host. */
export function maskOf(url: string): (text: string) => string {
  const secrets = [url, ...partsOf(url)].filter((part) => part.length >= SHORTEST)
  // The longest first: a password may hold the user's name.
  const ordered = [...new Set(secrets)].toSorted((a, b) => b.length - a.length)
  return (text) => ordered.reduce((masked, secret) => masked.replaceAll(secret, '***'), text)
}

function partsOf(url: string): string[] {
  const address = URL.parse(url)
  if (!address) return []
  const { username, password, host, hostname, pathname } = address
  const parameters = [...address.searchParams.values()]
  const written = [username, password, host, hostname, pathname.replace(/^\/+/, ''), ...parameters]
  return written.flatMap((part) => [part, decoded(part)])
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
