import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from '../support/child.ts'
import { cleanEnv } from '../support/clean-env.ts'
import {
  ANY_MARKER,
  LOGINS,
  SECRET_FILES,
  SECRET_VALUES,
  markedEnvironment,
  writeSecretFiles,
} from './marked-config.ts'
import { allSettings, fileKeys, secretKeys } from './secret-keys.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-secrets-'))
  writeSecretFiles(folder)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('of the keys of the configuration', () => {
  it('each that can have a secret in it is in these tests', () => {
    expect(Object.keys(SECRET_VALUES).toSorted()).toEqual(
      secretKeys()
        .map(({ key }) => key)
        .toSorted(),
    )
  })

  it('none is secret by its name alone', () => {
    const named = allSettings()
      .filter(({ path }) => /pass|secret|token|credential|private|key|url$/i.test(String(path.at(-1))))
      .filter(({ notes }) => notes.secret === undefined)
      .map(({ key }) => key)
    // A number, the columns of a key, and paths of files, whose contents are in these tests.
    expect(named).toEqual([
      'nats.credentials_file',
      'nats.tls.key_file',
      'graph.limits.tokens',
      'federation.subgraphs[0].entities.Any.key',
    ])
    expect(fileKeys().map(({ key }) => key)).toEqual(expect.arrayContaining(Object.keys(SECRET_FILES)))
  })
})

/** Everything that is printed, whatever becomes of it. */
async function printed(args: string[], env: Record<string, string>): Promise<string> {
  const { stdout, stderr } = await runCli(args, {
    cwd: folder,
    env: cleanEnv({ ...env, HEADWATER_LOG_LEVEL: 'trace' }),
    input: '{}',
  })
  return stdout + stderr
}

const leaks = (text: string) => [...new Set(text.match(ANY_MARKER) ?? [])]

const NO_NATS = /^headwater: NATS_UNAVAILABLE: No NATS server answers at \S+ \(/m
const NO_SCHEMA = /SUBGRAPH_SCHEMA_UNAVAILABLE: .*The schema of the subgraph elsewhere cannot be read/

/** What each comes to: without it, one that does not even start would pass. */
const COMMANDS: [command: string, expected: RegExp][] = [
  ['config', /^graphql_url = "http:\/\/marked:\*\*\*@/m],
  ['config --json', /^\[\{"key":.*"nats\.url","value":"nats:\/\/marked:\*\*\*@/m],
  ['start --port 0', NO_NATS],
  ['gateway --port 0', NO_SCHEMA],
  ['send -', NO_NATS],
  ['command order o-1 create {}', NO_NATS],
  ['history order o-1', NO_NATS],
  ['tail', NO_NATS],
  ['projections status', NO_NATS],
  ['projections parked list', NO_NATS],
  ['feed status', NO_NATS],
  ['reactors status', NO_NATS],
  ['sagas list', NO_NATS],
  ['graph check --gateway', NO_SCHEMA],
  ['graph print', NO_SCHEMA],
  ['graph fdw-setup elsewhere', NO_SCHEMA],
]

describe('what the command line prints has no secret in it', () => {
  it.each(COMMANDS)('%s', async (command, expected) => {
    const text = await printed(command.split(' '), { ...markedEnvironment(), ...LOGINS[0] })
    expect(text).toMatch(expected)
    expect(leaks(text)).toEqual([])
  })

  it('where the SQL for a foreign table is: who runs it gives the log-in', async () => {
    const text = await printed(['graph', 'fdw-setup', 'elsewhere'], {
      ...markedEnvironment({ schema: 'elsewhere.graphql' }),
      ...LOGINS[0],
    })
    expect(text).toMatch(/create server .*create user mapping/is)
    expect(leaks(text)).toEqual([])
  })

  it.each(LOGINS.map((login) => [Object.keys(login).join(), login] as const))(
    'where NATS does not answer: %s',
    async (_, login) => {
      const env = { ...markedEnvironment(), ...login }
      const texts = await Promise.all(['config', 'tail'].map((command) => printed([command], env)))
      expect(texts[0]).toMatch(/^\[nats\]$/m)
      expect(texts[1]).toMatch(NO_NATS)
      expect(leaks(texts.join())).toEqual([])
    },
  )

  it('nor when a value is wrong', async () => {
    const env = { ...markedEnvironment(), ...LOGINS[0] }
    for (const name of Object.keys(env).filter((name) => !/PATIENCE|_USER$/.test(name))) {
      const text = await printed(['config'], {
        ...env,
        [name]: `${env[name]} and \u0000more`.replace('\u0000', '\t'),
      })
      // A password is any text; all else is none of its kind any more.
      const isFree = /SECRET|PASSWORD/.test(name)
      expect(text, name).toMatch(isFree ? /^\[nats\]$/m : /^headwater: CONFIGURATION_INVALID: /)
      expect(leaks(text), name).toEqual([])
    }
  })
})

describe('what nobody has caught has no secret in it', () => {
  it.each([
    [
      'an address that is none',
      "new URL('//' + process.env.DATABASE_URL.slice(11))",
      /^headwater: CONTEXTS_INVALID: .*broken\.mjs could not be loaded: Invalid URL$/m,
    ],
    [
      'a rejection',
      "void Promise.reject(new Error('no ' + process.env.DATABASE_URL))",
      /^Error: no postgres:\/\/marked:\*\*\*@.*broken\.mjs:1/ms,
    ],
    [
      'a rejection later',
      "setTimeout(() => Promise.reject(Object.assign(new Error('x'), { url: process.env.NATS_URL })), 10)",
      /^Error: x$.*broken\.mjs:1/ms,
    ],
    [
      'a text',
      "setTimeout(() => { throw 'at ' + process.env.NATS_URL }, 10)",
      /^at nats:\/\/marked:\*\*\*@/m,
    ],
  ])('%s', async (_, code, expected) => {
    const module = join(folder, 'broken.mjs')
    writeFileSync(
      module,
      `${code}\nawait new Promise((resolve) => setTimeout(resolve, 200))\nexport const contexts = []\n`,
    )
    const text = await printed(['start', '--port', '0'], {
      ...markedEnvironment(),
      HEADWATER_CONTEXTS_MODULES: module,
    })
    expect(text).toMatch(expected)
    expect(leaks(text)).toEqual([])
  })
})
