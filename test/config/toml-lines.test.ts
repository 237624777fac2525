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
[many.inner.table]
name = 2
[[many.inner.list]]
[[many.inner.list]]
name = 3
[other]
list = [{ name = 1 }, {
  name = 2 }]
"0".x = 1
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
    ['many/0', 17],
    ['many/0/name', 18],
    ['many/1', 19],
    ['many/1/name', 19],
    ['many/1/inner/table/name', 21],
    ['many/1/inner/list/0', 22],
    ['many/1/inner/list/1/name', 24],
    ['many/2', 17],
    ['other/list/1/name', 26],
    ['other/0/x', 28],
    ['http/unknown', 4],
    ['unknown', undefined],
  ])('%s is on line %s', (path, line) => {
    expect(lineOf(path.split('/'))).toBe(line)
  })
})
