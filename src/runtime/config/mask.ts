export const MASK = '***'

const AUTHORITY = /^([a-z][a-z0-9+.-]*:\/\/|)(?:([^@/?#]*)@)?([^@]*)$/i
/** A name and its value; SQL Server’s addresses have them after semicolons. */
export const SECRET_PARAMETER = /([?&;][^=&;]*(?:pass|pwd|secret|token|credential)[^=&;]*=)([^&]*)/gi
export const DATABASE = /^(postgres|mysql|mariadb|mssql|sqlserver)/i

/** undefined when it cannot be told which part is secret. */
function maskOne(address: string): string | undefined {
  const [, scheme, user, rest] = AUTHORITY.exec(address) ?? []
  // With a stray separator in the password a parser takes half of it for the host; an address that parses has none.
  if (scheme === undefined || rest === undefined || /\s/.test(address)) return undefined
  if (!URL.canParse(scheme === '' ? `nats://${address}` : address)) return undefined
  const shown = rest.replace(SECRET_PARAMETER, `$1${MASK}`)
  if (user === undefined) return scheme + shown
  const [name = '', password] = user.split(/:(.*)/s)
  // NATS reads a user without a password as a token; databases do not.
  const hidden = password === undefined ? (DATABASE.test(scheme) ? name : MASK) : `${name}:${MASK}`
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
