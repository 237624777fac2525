export const MASK = '***'

const AUTHORITY = /^([a-z][a-z0-9+.-]*:\/\/|)(?:([^@/?#]*)@)?([^@]*)$/i
const SECRET_PARAMETER = /([?&][^=&]*(?:pass|secret|token|credential)[^=&]*=)[^&]*/gi

/** undefined when it cannot be told which part is secret. */
function maskOne(address: string): string | undefined {
  const [, scheme, user, rest] = AUTHORITY.exec(address) ?? []
  // With a stray separator in the password a parser takes half of it for the host; an address that parses has none.
  if (scheme === undefined || rest === undefined || /\s/.test(address)) return undefined
  if (!URL.canParse(scheme === '' ? `nats://${address}` : address)) return undefined
  const shown = rest.replace(SECRET_PARAMETER, `$1${MASK}`)
  if (user === undefined) return scheme + shown
  const [name = '', password] = user.split(/:(.*)/s)
  // NATS reads a user without a password as a token; PostgreSQL does not.
  const hidden = password === undefined ? (/^postgres/i.test(scheme) ? name : MASK) : `${name}:${MASK}`
  return `${scheme}${hidden}@${shown}`
}

/**
 * `postgres://user:secret@host/db` → `postgres://user:***@host/db`; several addresses with commas likewise. An address
 * that cannot be taken apart with certainty is masked as a whole.
 */
export function maskUrl(text: string): string {
  const parts = text.split(',').map((part) => part.trim())
  // `nats://u:a,b@host`: a comma in a password looks like a second address without a scheme.
  const torn = parts.some((part, at) => at > 0 && part.includes('@') && !part.includes('://'))
  const masked = parts.map(maskOne)
  return torn || masked.includes(undefined) ? MASK : masked.join(',')
}
