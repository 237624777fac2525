import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatBytes, parseBytes } from '../../src/runtime/config/bytes.ts'
import { environmentName, snakeCase, under } from '../../src/runtime/config/names.ts'
import { closest } from '../../src/runtime/config/suggest.ts'

describe('names', () => {
  test('are derived from the ones in code', () => {
    expect(snakeCase('statementTimeoutMs')).toBe('statement_timeout_ms')
    expect(under(under('', 'nats'), snakeCase('caFile'))).toBe('nats.ca_file')
    expect(environmentName(['postgres', 'poolSize'])).toBe('HEADWATER_POSTGRES_POOL_SIZE')
  })
})

describe('sizes', () => {
  test.each([
    ['0', 0],
    ['1024', 1024],
    ['1KB', 1024],
    ['512 kb', 524_288],
    ['1GB', 1_073_741_824],
    ['1.5MB', undefined],
    ['-1', undefined],
    ['MB', undefined],
    ['', undefined],
  ])('%j is %s bytes', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes)
  })

  test('are written so that they are read the same', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.constantFrom(1, 1024, 1_048_576),
        (n, unit) => parseBytes(formatBytes(n * unit)) === n * unit,
      ),
    )
  })
})

describe('closest', () => {
  const names = ['pool_size', 'port', 'host', 'statement_timeout_ms']
  test.each([
    ['poolSize', 'pool_size'],
    ['POOL-SIZE', 'pool_size'],
    ['prot', 'port'],
    ['hots', 'host'],
    ['statment_timeout', 'statement_timeout_ms'],
    ['zzz', undefined],
    ['', undefined],
  ])('%s means %s', (name, meant) => {
    expect(closest(name, names)).toBe(meant)
  })
})
