import { DATABASE, SECRET_PARAMETER } from './mask.ts'
import { snakeCase } from './names.ts'
import type { Setting } from './settings.ts'

/** What `${NAME}` stands for is no part of the file; `$${` is a plain `${`. */
const FROM_ENVIRONMENT = /(?<!\$)\$\{[^}]*\}/g
const USER_INFO = /^(?:([a-z0-9+.-]*):\/\/)?([^@/?#]*)@/i

/** Whether an address holds a password, or where that may be a token, a user, that is not from the environment. */
export function hasLiteralCredential(written: unknown): boolean {
  if (typeof written !== 'string') return false
  const literal = written.replace(FROM_ENVIRONMENT, '')
  const [, scheme = '', userInfo = ''] = USER_INFO.exec(literal) ?? []
  const [user = '', password = ''] = userInfo.split(/:(.*)/s)
  if (password !== '' || (user !== '' && !DATABASE.test(scheme))) return true
  return [...literal.matchAll(SECRET_PARAMETER)].some(([, , value]) => value !== '')
}

/** How it is done right, in words. */
export function writeInstead({ path }: Setting): string {
  const name = snakeCase(`${path.at(-1)}`)
  return `has a password or a token in it, which belongs into the environment: write ${name} = "\${NAME}", after a variable that holds the address`
}
