import { catalogue } from './catalogue.ts'
import type { DomainCode } from './domain-codes.ts'
import type { ErrorEntry, Surface } from './entry.ts'

const WHERE: Record<Surface, string> = {
  reply: 'reply',
  graph: 'GraphQL',
  cli: 'command line',
  start: 'start',
  program: 'thrown',
  log: 'log',
}

const HEAD = `# Errors

Made by \`node scripts/make-docs.ts\` from \`scripts/errors\` and the sources; do not edit.

Every error has a \`code\` to branch on, which stays, a \`status\` that says the same as in HTTP (RFC 9110), and a sentence for
a person, which may change: what was wrong and what to do. It never has a stack, an address or a secret. Where it is met:

- **reply**: the problem document (RFC 9457) that answers a command over NATS, \`{"ok":false,"status","code","title","detail","errors"}\`;
  its status and code are also in the headers \`Nats-Service-Error-Code\` and \`Nats-Service-Error\`. A bug is \`INTERNAL\` there, without its text.
- **GraphQL**: \`errors[].extensions\`, with \`code\` and \`status\`; over a gateway as well.
- **command line**: \`headwater: CODE: sentence\` on standard error, and exit code 1.
- **start**: the same, in place of a service or gateway that begins; \`start()\` of the package throws it.
- **thrown**: a \`HeadwaterError\` in a program that uses the package; \`createCommandClient\` throws a refused command as \`CommandRefusedError\`,
  with the code of the reply.
- **log**: only in the log of the service, in statuses and in what is parked: no client is told.

With 503 and 429 there may be \`retryAfterMs\`: the same request is worth another try after so many milliseconds. \`errors\` lists each
single thing that is wrong with an input: \`{ path, message }\`.
`

/** docs/errors.md. */
export function errorsDoc(domains: readonly DomainCode[]): string {
  const parts = catalogue.map(({ title, about, errors }) =>
    [
      `## ${title}`,
      '',
      about,
      '',
      '| code | status | where | when | what to do |',
      '| --- | --- | --- | --- | --- |',
      ...Object.entries(errors).map(([code, entry]) => row(code, entry)),
      '',
    ].join('\n'),
  )
  const byDomain = Map.groupBy(domains, ({ domain }) => domain)
  const shipped = Array.from(byDomain, ([domain, codes]) =>
    [
      `### ${domain}`,
      '',
      '| code | status | sentence |',
      '| --- | --- | --- |',
      ...codes.map(({ code, status, detail }) => `| \`${code}\` | ${status ?? ''} | ${cell(detail)} |`),
      '',
    ].join('\n'),
  )
  return [HEAD, ...parts, DOMAINS, ...shipped].join('\n')
}

const DOMAINS = `## The shipped domains

A domain refuses with codes of its own (\`reject\`): in replies, and in \`extensions\` of mutations. What differs from case to case
stands in angle brackets.
`

function row(code: string, { status, where, when, remedy }: ErrorEntry): string {
  const places = where.map((one) => WHERE[one]).join(', ')
  return `| \`${code}\` | ${status} | ${places} | ${cell(when)} | ${cell(remedy)} |`
}

/** A cell of a table; where it is not code, `<` would begin a tag. */
function cell(text: string): string {
  const spans = text.replaceAll('|', '\\|').split('`')
  return spans.map((span, at) => (at % 2 === 0 ? span.replaceAll(/<(?=[^>]*>)/g, '\\<') : span)).join('`')
}
