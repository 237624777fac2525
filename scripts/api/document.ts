import type { Export } from './exports.ts'

const HEAD = `# The package

Made by \`node scripts/make-docs.ts\` from the doc comments in \`src\`; do not edit. Whatever is not here is Headwater's own, and may change
with any release. The examples are compiled and run by \`test/package\`; \`counter\`, \`order\`, \`account\` and their like are in
\`test/package/examples/prelude.ts\`. Codes of errors are in [errors.md](errors.md).
`

const ABOUT: Record<string, string> = {
  headwater: 'What a domain is written with, and what starts and calls a service.',
  'headwater/testing': 'Tests of deciders, without a server and with any test framework.',
  'headwater/domains':
    'The shipped contexts, for a service of your own beside yours: `start({ contexts: [orders, mine] })`.',
}

/** docs/api.md: every export, what it is, what it throws, and how it is used. */
export function apiDoc(exports: readonly Export[]): string {
  const parts = Array.from(
    Map.groupBy(exports, ({ entry }) => entry),
    ([entry, all]) => {
      const [values, types] = [
        all.filter(({ kind }) => kind !== 'type'),
        all.filter(({ kind }) => kind === 'type'),
      ]
      return [
        `## ${entry}`,
        '',
        ABOUT[entry] ?? '',
        '',
        ...values.flatMap(section),
        ...(types.length > 0 ? ['### Types', '', ...types.map(line), ''] : []),
      ].join('\n')
    },
  )
  return [HEAD, ...parts].join('\n')
}

/** What is handed on from other packages has no words of ours in it. */
const ELSEWHERE: Record<string, string> = {
  z: 'Schemas of events, commands and whatever else comes in: [zod](https://zod.dev), the copy that Headwater reads them with.',
  sql: 'SQL with parameters, for resolvers and SQL projections: [kysely](https://kysely.dev/docs/recipes/raw-sql).',
  QueryExecutorProvider:
    'What a statement of `sql` is executed with: `context.db` of the graph, or the transaction of a SQL projection. Of kysely.',
}

function section({ name, kind, isOwn, documentation, examples, throws }: Export): string[] {
  return [
    `### ${name}${kind === 'function' ? '()' : ''}`,
    '',
    isOwn ? escaped(documentation) : (ELSEWHERE[name] ?? ''),
    '',
    ...[...new Set(throws)].flatMap((text) => [`Throws ${escaped(text)}`, '']),
    ...examples.flatMap((text) => ['```ts', text, '```', '']),
  ]
}

function line({ name, isOwn, documentation }: Export): string {
  const [first = ''] = (isOwn ? documentation : (ELSEWHERE[name] ?? '')).split('\n\n')
  return `- \`${name}\`: ${escaped(first).replaceAll('\n', ' ')}`
}

/** Angle brackets outside of code would be HTML. */
const escaped = (text: string) =>
  text
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll('<', '\\<')))
    .join('')
