import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { escapeIdentifier, escapeLiteral } from 'pg'
import { expect, it, onTestFinished } from 'vitest'
import { runCli } from '../support/child.ts'
import { cleanEnv } from '../support/clean-env.ts'
import { stackOfFile, uniqueName } from '../support/stack.ts'
import { onPostgres } from './gem-stack.ts'
import { withPsqlVariables } from './psql-variables.ts'

const stack = stackOfFile()

const TOML = `
[[federation.subgraphs]]
name = "gems"
schema = "gems.graphql"
database_url = "\${GEMS_DATABASE_URL}"
[federation.subgraphs.entities.Gem]
table = "tb_gem"
key = { id = "id" }
fields = { id = "id", name = "name" }
`
const SDL = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
  type Query { gem(id: ID!): Gem } type Gem @key(fields: "id") { id: ID! name: String }`

/** What `headwater graph fdw-setup gems` prints. */
async function printed(databaseUrl: string, ...args: string[]): Promise<string> {
  const cwd = mkdtempSync(join(tmpdir(), 'headwater-fdw-'))
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
  writeFileSync(join(cwd, 'headwater.toml'), TOML)
  writeFileSync(join(cwd, 'gems.graphql'), SDL)
  const env = cleanEnv({ GEMS_DATABASE_URL: databaseUrl })
  const { code, stdout, stderr } = await runCli(['graph', 'fdw-setup', 'gems', ...args], { cwd, env })
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}

it.each([
  ['plain', 'reader', 'secret'],
  ['hostile', `o'rea"der\\`, `it's \\ a :'remote_user' "secret"`],
])('what fdw-setup prints runs with the variables of psql, and again: %s', async (_, start, secret) => {
  const remoteUser = `${start}${uniqueName()}`
  const local = uniqueName()
  const url = stack().databaseUrl
  await onPostgres(url, async (client) => {
    await client.query('create table if not exists public.tb_gem (id text primary key, name text)')
    await client.query(`insert into public.tb_gem values ('ruby', 'Ruby') on conflict do nothing`)
    const role = escapeIdentifier(remoteUser)
    await client.query(`create role ${role} login password ${escapeLiteral(secret)}`)
    await client.query(`grant select on public.tb_gem to ${role}`)
    await client.query(`create role ${local}`)
  })
  const script = await printed(url, '--role', local, '--schema', `fdw_${local}`)
  expect(script).not.toContain(decodeURIComponent(new URL(url).password))
  const sql = withPsqlVariables(script, { remote_user: remoteUser, remote_password: secret })
  expect(sql).not.toBe(script)
  await onPostgres(url, async (client) => {
    await client.query(sql)
    await client.query(sql)
    await client.query(`set role ${local}`)
    const { rows } = await client.query(`select id, name from fdw_${local}.tb_gem`)
    expect(rows).toEqual([{ id: 'ruby', name: 'Ruby' }])
    await expect(client.query(`delete from fdw_${local}.tb_gem`)).rejects.toThrow()
  })
})

it('without its variables the script changes nothing', async () => {
  const url = stack().databaseUrl
  const schema = `fdw_${uniqueName()}`
  const script = await printed(url, '--schema', schema)
  await onPostgres(url, async (client) => {
    await expect(client.query(withPsqlVariables(script, {}))).rejects.toThrow(/syntax error/)
    await client.query('rollback')
    const { rowCount } = await client.query('select 1 from pg_namespace where nspname = $1', [schema])
    expect(rowCount).toBe(0)
  })
})
