import { describe, expect, test } from 'vitest'
import { createLogger, redact, type LogStream } from '../../src/runtime/logging.ts'
import { HeadwaterError } from '../../src/streams/errors.ts'

function capture(isTTY = false) {
  const lines: string[] = []
  const stream: LogStream = { isTTY, write: (line: string) => void lines.push(line) }
  const text = () => lines.join('')
  const first = (): unknown => JSON.parse(lines[0] ?? '')
  return { stream, lines, text, first }
}

describe('the log', () => {
  test('is a JSON line each when nobody watches', () => {
    const { stream, first, lines } = capture()
    createLogger({ level: 'info', format: 'auto', stream }).info({ port: 4000 }, 'listening')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/\}\n$/)
    expect(first()).toMatchObject({ level: 'info', port: 4000, msg: 'listening' })
    expect(first()).toHaveProperty('time', expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/))
  })

  test('is pretty on a terminal, at once', () => {
    const { stream, text } = capture(true)
    createLogger({ level: 'info', format: 'auto', stream }).info('listening')
    expect(text()).toContain('INFO')
    expect(text()).toContain('listening')
    expect(text()).not.toContain('{')
  })

  test('is what it is told to be, whoever watches', () => {
    const json = capture(true)
    createLogger({ level: 'info', format: 'json', stream: json.stream }).info('x')
    expect(json.first()).toMatchObject({ msg: 'x' })
    const pretty = capture()
    createLogger({ level: 'info', format: 'pretty', stream: pretty.stream }).info('x')
    expect(pretty.text()).toMatch(/^\[[\d:.]+\] INFO: x\n$/)
  })

  test('leaves out what is below its level', () => {
    const { stream, lines } = capture()
    const log = createLogger({ level: 'warn', format: 'json', stream })
    log.info('no')
    log.warn('yes')
    createLogger({ level: 'silent', format: 'json', stream }).fatal('no')
    expect(lines).toHaveLength(1)
  })

  test('tells an error with its code and causes', () => {
    const { stream, first } = capture()
    const cause = new AggregateError([new Error('one')], 'inner')
    const err = new HeadwaterError({ code: 'BROKEN', status: 503, detail: 'outer', retryAfterMs: 5, cause })
    createLogger({ level: 'info', format: 'json', stream }).error({ err }, 'failed')
    expect(first()).toMatchObject({
      msg: 'failed',
      err: {
        type: 'HeadwaterError',
        code: 'BROKEN',
        status: 503,
        retryAfterMs: 5,
        message: 'outer',
        stack: expect.stringContaining('logging.test.ts'),
        cause: { type: 'AggregateError', message: 'inner', errors: [{ message: 'one' }] },
      },
    })
  })

  test('ends at a cause that is its own', () => {
    const { stream, first } = capture()
    const err = new Error('round')
    err.cause = err
    createLogger({ level: 'info', format: 'json', stream }).error(err)
    expect(first()).toMatchObject({ err: { message: 'round' } })
  })
})

describe('a secret in the log', () => {
  test.each(['json', 'pretty'] as const)('is masked by its name at any depth, in %s', (format) => {
    const { stream, text } = capture()
    const log = createLogger({ level: 'info', format, stream }).child({ secret: 'hunter2' })
    log.info({ a: { b: { c: { d: { password: 'hunter2' } } } }, list: [{ apiKey: 'hunter2' }] }, 'deep')
    log.info(
      { headers: { authorization: 'x hunter2', 'set-cookie': ['hunter2'] }, access_token: 'hunter2' },
      'head',
    )
    log.info({ credentials: { user: 'u', pass: 'hunter2' } }, 'object')
    expect(text()).not.toContain('hunter2')
    expect(text()).toContain('***')
  })

  test('is masked in texts: addresses, bearers, errors and their stacks', () => {
    const { stream, text } = capture()
    const log = createLogger({ level: 'info', format: 'json', stream })
    log.info('to postgres://u:hunter2@h/d and nats://hunter2@h')
    log.info({ url: 'nats://u:hun"ter2hunter2@h' }, 'x')
    log.info({ rawHeaders: ['Authorization', 'Bearer hunter2.x'] }, 'x')
    log.error(
      new Error('no postgres://u:hunter2@h', { cause: new Error('nats://u:hunter2@h,nats://v:hunter2@i') }),
    )
    expect(text()).not.toContain('hunter2')
    expect(text()).toContain('postgres://u:***@h/d')
  })

  test.each([
    '{"msg":"http://localhost:4000/users/@me"}\n',
    '{"hasPassword":true,"password":null,"maxTokens":12}\n',
    '{"msg":"the \\"password\\": is in a text"}\n',
    '{"credentialsFile":"/etc/a.creds"}\n',
  ])('is not %s', (line) => {
    expect(redact(line)).toBe(line)
  })
})
