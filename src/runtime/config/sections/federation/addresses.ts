import { z } from 'zod'
import { notesOf } from '../../kinds.ts'

/** The `@` of a user stands in front of the host; further on it is mostly one of a password that was not encoded. */
const PLACE = /^[^\s\\@]*(@[^\s\\@]*)?$/

function isAddress(text: string, schemes: readonly string[]): boolean {
  const [scheme, rest = ''] = text.split(/:\/\/(.*)/s)
  if (!schemes.some((one) => one === scheme) || !PLACE.test(rest) || !URL.canParse(text)) return false
  const { hostname, pathname, search, hash } = new URL(text)
  // PostgreSQL's socket is a parameter: postgres:///database?host=/run/postgresql
  const hasHost = hostname !== '' || scheme?.startsWith('postgres')
  return hasHost === true && ![pathname, search, hash].some((part) => part.includes('@'))
}

/** The address of a subgraph. What it needs to know a caller by goes in headers: see `gateway.forward_headers`. */
export function subgraphUrl(description: string, schemes: readonly string[]) {
  const [first = ''] = schemes
  return z
    .string()
    .refine((text) => isAddress(text, schemes))
    .register(notesOf, {
      kind: 'text',
      type: `an address such as ${first}://host/graphql (schemes: ${schemes.join(', ')})`,
      description,
      secret: 'url',
      credentialsFromEnvironment: true,
    })
}

const DATABASES = ['postgres', 'postgresql', 'mysql', 'mariadb', 'mssql', 'sqlserver']
const SQLITE = /^sqlite:(\/\/(?=\/))?(?!\/\/)./

export function databaseUrl(description: string) {
  return z
    .string()
    .refine((text) => SQLITE.test(text) || (isAddress(text, DATABASES) && !text.includes(';')))
    .overwrite((text) => text.replace(/^sqlserver:/, 'mssql:'))
    .register(notesOf, {
      kind: 'text',
      type: 'an address such as postgres://user:password@host/database (schemes: postgres, mysql, mariadb, mssql), or sqlite:path',
      description,
      secret: 'url',
      credentialsFromEnvironment: true,
      path: 'sqlite',
    })
}
