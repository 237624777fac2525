import * as fc from 'fast-check'

const SURROGATE = '\ud800'

/** Texts that somebody somewhere takes for something else. */
export const oddText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    ' ',
    '\0',
    'a\0b',
    SURROGATE,
    `a${SURROGATE}b`,
    '\u202e\ufeff',
    '__proto__',
    'constructor',
    'toString',
    '../../etc/passwd',
    '*',
    '>',
    'a.b',
    '%00',
    '${HOME}',
    "'; drop table tb_order_projection; --",
    'x'.repeat(10_000),
    '\u{1f4a3}'.repeat(300),
    'NaN',
    '-0',
    '1e400',
    '9'.repeat(400),
  ),
)

export const oddNumber = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom(0, -0, -1, 2 ** 31, 2 ** 53, -(2 ** 53), 1e21, 1e308, 5e-324, 0.1 + 0.2, 1e15 + 0.5),
)

/** Values that JSON can carry, with names that objects have already. */
export const { oddValue } = fc.letrec<{ oddValue: unknown }>((tie) => ({
  oddValue: fc.oneof(
    { maxDepth: 4 },
    oddText,
    oddNumber,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('oddValue'), { maxLength: 4 }),
    fc.dictionary(oddText, tie('oddValue'), { maxKeys: 4 }),
  ),
}))

const nested = (open: string, close: string) =>
  fc
    .constantFrom(10, 1000, 5000, 20_000, 100_000)
    .map((depth) => open.repeat(depth) + '1' + close.repeat(depth))

/** Texts that are JSON, or nearly. */
export const oddJson = fc.oneof(
  { weight: 4, arbitrary: oddValue.map((value) => JSON.stringify(value)) },
  fc.json(),
  nested('[', ']'),
  nested('{"a":', '}'),
  nested('[', ''),
  fc.constantFrom(
    '{"__proto__":{"polluted":true}}',
    '{"constructor":{"prototype":{"polluted":true}}}',
    '{"a":1,"a":2}',
    '{"a":1e999}',
    '{"a":"\\ud800"}',
    '{"a":"\\u0000"}',
    '{"\\ud800":1}',
    '\ufeff{}',
    '{}x',
    'undefined',
    'NaN',
    '// {}',
    '[]',
    '""',
    '0',
    'null',
    `"${'x'.repeat(200_000)}"`,
    `[${'{},'.repeat(50_000)}{}]`,
    `{${Array.from({ length: 20_000 }, (_, n) => `"k${n}":${n}`).join()}}`,
  ),
)
