import { describe, expect, test } from 'vitest'
import { tomlLines } from '../../src/runtime/config/toml-lines.ts'

const document = `# a comment = 1
top = 1

[http] # [not.this]
port = 1
"quo.ted" = """
port = 2
[nats]
"""
list = [
  1, # ]
  2,
]
a.b.c = 'x'
[nats.tls]\r
ca = { x = 1, y = { z = 2 } }
[[many]]
name = 1
[[many]]
`

describe('tomlLines', () => {
  const lineOf = tomlLines(document)

  test.each([
    ['top', 2],
    ['http', 4],
    ['http/port', 5],
    ['http/quo.ted', 6],
    ['http/list', 10],
    ['http/a/b/c', 14],
    ['nats', 15],
    ['nats/tls', 15],
    ['nats/tls/ca/y/z', 16],
    ['many', 17],
    ['many/name', 18],
    ['http/unknown', 4],
    ['unknown', undefined],
  ])('%s is on line %s', (path, line) => {
    expect(lineOf(path.split('/'))).toBe(line)
  })
})
