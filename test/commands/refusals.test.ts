import { describe, expect, test } from 'vitest'
import { connectTo, useNats } from '../streams/support.ts'
import { until } from '../support/until.ts'
import { request, send, startService } from './support.ts'

const nats = useNats()
const ok = JSON.stringify({ by: 1 })
const problem = (status: number, code: string, errors: unknown = []) => ({
  ok: false,
  status,
  code,
  title: expect.any(String),
  detail: expect.any(String),
  errors,
})

/** Asks, and checks that the headers of the answer say the same as its body, and that nothing was stored. */
async function refused(path: string, body: string | Uint8Array = ok, heads: Record<string, string> = {}) {
  const nc = await connectTo(nats())
  const { namespace, log } = await startService(nc, { bodyLimit: 2000 })
  const message = await request(nc, `${namespace}.cmd.${path}`, body, heads)
  const reply: { status: number; code: string; title: string } = message.json()
  expect(message.headers?.get('Nats-Service-Error-Code')).toBe(`${reply.status}`)
  expect(message.headers?.get('Nats-Service-Error')).toBe(`${reply.code}: ${reply.title}`)
  expect((await log.bounds()).last).toBe(0)
  return reply
}

describe('a body that is not JSON in UTF-8', () => {
  test.each([
    ['words', 'hello'],
    ['half an object', '{"by":'],
    ['invalid UTF-8', new Uint8Array([0x22, 0xff, 0xfe, 0x22])],
  ])('%s', async (_, body) => {
    const errors = [{ path: '', message: 'not JSON' }]
    expect(await refused('thing.a.add', body)).toEqual(problem(400, 'MALFORMED_JSON', errors))
  })
})

test('data that does not fit is refused with every path', async () => {
  const data = { list: [{ a: 1, b: 2 }, { a: 'x' }], name: 5 }
  const reply = await refused('thing.a.nested', JSON.stringify(data))
  expect(reply).toEqual(
    problem(400, 'INVALID_COMMAND', [
      { path: 'list.0.a', message: expect.any(String) },
      { path: 'list.1.b', message: expect.any(String) },
      { path: 'name', message: expect.any(String) },
    ]),
  )
})

test('of what is wrong no more is told than anybody reads, however much it is', async () => {
  const nc = await connectTo(nats())
  const { namespace } = await startService(nc, { bodyLimit: 1_000_000 })
  const name = 'n'.repeat(100_000)
  const nul = String.raw`"\u0000"`
  for (const body of [
    JSON.stringify({ list: Array.from({ length: 30_000 }, () => ({})), name: 'x' }),
    `{"list":[${Array.from({ length: 40_000 }, () => nul).join()}]}`,
    `{"${name}":[${Array.from({ length: 200 }, () => nul).join()}]}`,
    JSON.stringify({ list: [], name: 'x', [name]: { [name]: '\0' } }),
  ]) {
    const message = await request(nc, `${namespace}.cmd.thing.a.nested`, body)
    expect(message.data.length).toBeLessThan(100_000)
    const reply: { errors: unknown[] } = message.json()
    expect(reply).toMatchObject({ status: 400, code: 'INVALID_COMMAND' })
    expect(reply.errors.length).toBeLessThanOrEqual(51)
    if (reply.errors.length === 51)
      expect(reply.errors.at(-1)).toEqual({ path: '', message: 'and more that is not told here' })
  }
})

test('who asks for the answer on a subject of the service gets none, and nothing is written or sent there', async () => {
  const nc = await connectTo(nats())
  const service = await startService(nc)
  const { namespace, log, errors } = service
  const victims = [`${namespace}.evt.thing.b`, `${namespace}.cmd.thing.c.touch`, '$JS.API.STREAM.NAMES']
  for (const [at, reply] of victims.entries()) {
    nc.publish(`${namespace}.cmd.thing.a.add`, JSON.stringify({ by: 1 }), { reply })
    await until('it to be refused an answer', async () => errors.length === at + 1)
  }
  expect((await log.bounds()).last).toBe(victims.length)
  expect(await send(service, 'a.add', { by: 1 })).toMatchObject({ ok: true, version: victims.length + 1 })
  expect(String(errors[0])).toContain('asks for it elsewhere')
})

test.each(['null', '[]', '"by"', '1'])('%s is not the data of a command', async (body) => {
  expect(await refused('thing.a.add', body)).toMatchObject({ status: 400, code: 'INVALID_COMMAND' })
})

test.each([
  ['a NUL', String.raw`{"by":1,"note":"a\u0000b"}`, 'note'],
  ['half a surrogate pair', String.raw`{"by":1,"notes":["\ud83d"]}`, 'notes.0'],
  ['a NUL in a name', String.raw`{"by":1,"a\u0000":1}`, ''],
])('text that PostgreSQL cannot store is refused: %s', async (_, body, path) => {
  const errors = [{ path, message: expect.any(String) }]
  expect(await refused('thing.a.add', body)).toEqual(problem(400, 'INVALID_COMMAND', errors))
})

test('a whole surrogate pair, and a backslash before u0000, are text like any other', async () => {
  const nc = await connectTo(nats())
  const { namespace } = await startService(nc, { bodyLimit: 2000 })
  const body = String.raw`{"by":1,"note":"\ud83d\ude00 \\u0000"}`
  expect((await request(nc, `${namespace}.cmd.thing.a.add`, body)).json()).toMatchObject({ ok: true })
})

test.each(['nothing', 'toString', '__proto__', 'constructor', 'Thing'])(
  'there is no aggregate %s',
  async (name) => {
    expect(await refused(`${name}.a.add`)).toEqual(problem(404, 'UNKNOWN_AGGREGATE'))
  },
)

test.each(['nothing', 'toString', '__proto__', 'constructor', 'hasOwnProperty', 'ADD'])(
  'there is no command %s',
  async (name) => {
    expect(await refused(`thing.a.${name}`)).toEqual(problem(404, 'UNKNOWN_COMMAND'))
  },
)

test('a subject without a command names none', async () => {
  expect(await refused('thing.a')).toMatchObject({
    status: 404,
    code: 'UNKNOWN_COMMAND',
    detail: expect.stringContaining('<id>'),
  })
})

test.each([
  'thing.a.b.add',
  'thing.a.b.c.add',
  'thing.a+b.add',
  `thing.${'x'.repeat(129)}.add`,
  'thing.é.add',
])('the id in %s is not one', async (path) => {
  const errors = [{ path: 'id', message: 'must match [A-Za-z0-9_-]{1,128}' }]
  expect(await refused(path)).toEqual(problem(400, 'INVALID_ID', errors))
})

test('a body over the limit', async () => {
  const body = JSON.stringify({ by: 1, note: 'x'.repeat(2000) })
  expect(await refused('thing.a.add', body)).toEqual(problem(413, 'COMMAND_TOO_LARGE'))
})

test('a version that is not the expected one', async () => {
  const reply = await refused('thing.a.add', ok, { 'Expected-Version': '3' })
  expect(reply).toEqual({ ...problem(409, 'WRONG_EXPECTED_VERSION'), actualVersion: 0 })
})

describe('a header that is not valid', () => {
  test.each([
    ['Command-Id', 'two words'],
    ['Command-Id', 'x'.repeat(201)],
    ['Correlation-Id', 'é'],
    ['Causation-Id', 'a b'],
    ['Expected-Version', '-1'],
    ['Expected-Version', 'one'],
    ['Expected-Version', '1.5'],
    ['Occurred-At', 'yesterday'],
    ['Occurred-At', '2026-01-31T10:00:00'],
    ['Occurred-At', '2026-02-30T10:00:00Z'],
    ['Occurred-At', '0000-06-01T00:00:00Z'],
    ['Occurred-At', '9999-12-31T23:59:59-01:00'],
  ])('%s: %s', async (name, value) => {
    const errors = [{ path: name, message: expect.any(String) }]
    expect(await refused('thing.a.add', ok, { [name]: value })).toEqual(
      problem(400, 'INVALID_HEADER', errors),
    )
  })
  test('all of them are named', async () => {
    const reply = await refused('thing.a.add', ok, { 'Command-Id': 'a b', 'Expected-Version': 'x' })
    expect(reply).toMatchObject({ errors: [{ path: 'Command-Id' }, { path: 'Expected-Version' }] })
  })
})

test('what the domain refuses has its code', async () => {
  const reply = await refused('thing.a.add-below', JSON.stringify({ by: 5, limit: 4 }))
  expect(reply).toEqual({ ...problem(422, 'THING_FULL'), detail: '0 and 5 are more than 4' })
})

test('a bug is 500 and keeps its text to itself', async () => {
  const reply = await refused('thing.a.boom', '')
  expect(reply).toEqual(problem(500, 'INTERNAL'))
  expect(JSON.stringify(reply)).not.toMatch(/secret|TypeError|\.ts/)
})

test('events larger than a message are 413', async () => {
  expect(await refused('thing.a.fill', JSON.stringify({ bytes: 5_000_000 }))).toMatchObject({
    status: 413,
    code: 'COMMIT_TOO_LARGE',
  })
})
