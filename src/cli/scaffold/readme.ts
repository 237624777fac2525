import type { DomainNames } from './names.ts'

/** How one works where the domain is. */
export interface Workplace {
  /** Starts the service. */
  start: string
  /** Runs the domain's test. */
  test: string
  /** Where the test is, from the domain's folder. */
  testFile: string
}

/** What is in the folder of a new domain, how to see it work, and a first change. */
export function readmeFile(names: DomainNames, place: Workplace): string {
  return `${introduction(names, place)}
${demonstration(names, place)}
${firstChange(names, place)}`
}

function introduction({ domain, words }: DomainNames, { testFile, test }: Workplace): string {
  return `# ${domain}

${/^[aeiou]/.test(words) ? 'An' : 'A'} ${words} is created, renamed as often as one likes, and archived. It stands for whatever yours does: read it in this order,
then change it.

- \`aggregate.ts\`: what can be asked for, what happens then, and what is refused
- \`projection.ts\`: the table that lists and queries read, folded from the events
- \`graph.ts\`: its part of the GraphQL graph
- \`index.ts\`: the three together, as a context with a log of its own
- [\`${testFile}\`](${testFile}): given what happened, when a command comes, then this; \`${test}\`
`
}

function demonstration({ aggregate, variable, type, list }: DomainNames, { start }: Workplace): string {
  const constant = aggregate.toUpperCase().replaceAll('-', '_')
  return `## See it work

\`${start}\` in one terminal. In another:

\`\`\`sh
npx headwater command ${aggregate} demo create '{"title":"Hello"}'
npx headwater command ${aggregate} demo rename '{"title":"Goodbye"}'
npx headwater command ${aggregate} none archive
npx headwater history ${aggregate} demo
\`\`\`

The third is refused: \`${constant}_NOT_FOUND\`. Then open the graph in a browser; where it is was printed at the start. What is it now,
what was it, and how did it get there, in one query:

\`\`\`graphql
{
  ${variable}(id: "demo") {
    title
    status
    allEvents {
      nodes {
        type
        time
        data
      }
    }
  }
  asItWas: ${variable}(id: "demo", asOfVersion: 1) {
    title
  }
  ${list}(filter: { status: OPEN }, orderBy: { field: UPDATED_AT }) {
    totalCount
    nodes {
      id
      title
    }
  }
}
\`\`\`

Follow all of them in one tab, and make another in a second one:

\`\`\`graphql
subscription {
  ${list}Changed(filter: { status: OPEN }) {
    type
    event {
      type
    }
    ${variable} {
      id
      title
    }
  }
}
\`\`\`

\`\`\`graphql
mutation {
  create${type}(id: "second", input: { title: "Hi" }) {
    version
    ${variable} {
      title
    }
  }
}
\`\`\`
`
}

function firstChange(
  { aggregate, variable, type }: DomainNames,
  { test, testFile, start }: Workplace,
): string {
  return `## Your first change

Say that a note can be put on it. Each step says where its lines go; the compiler tells what is still missing.

1. An event and a command. Nothing that is decided rests on the note, so that the state stays as it is.

   \`\`\`ts
   // aggregate.ts, events
   '${aggregate}.annotated': z.object({ note: z.string() }),
   \`\`\`

   \`\`\`ts
   // aggregate.ts, commands
   annotate: z.object({ note: z.string().trim().min(1).max(500) }),
   \`\`\`

   \`\`\`ts
   // aggregate.ts, decide
   annotate: (state, { note }, { id }) =>
     state.status === 'open' ? { type: '${aggregate}.annotated', data: { note } } : notOpen(id, state),
   \`\`\`

   \`\`\`ts
   // aggregate.ts, evolve
   '${aggregate}.annotated': (state) => state,
   \`\`\`

2. A column. Raise the projection's \`version\` to 2: the table is then built anew from the log, beside the old one.

   \`\`\`ts
   // projection.ts, columns
   note: column.text().nullable(),
   \`\`\`

   \`\`\`ts
   // projection.ts, '${aggregate}.created'
   note: null,
   \`\`\`

   \`\`\`ts
   // projection.ts, evolve
   '${aggregate}.annotated': (row, { data, time, version }) =>
     row && { ...row, note: data.note, updated_at: time, version },
   \`\`\`

3. A field and a mutation.

   \`\`\`graphql
   # graph.ts, type ${type}
   note: String
   \`\`\`

   \`\`\`graphql
   # graph.ts, typeDefs
   input ${type}NoteInput {
     note: String!
   }
   \`\`\`

   \`\`\`ts
   // graph.ts, mutations
   annotate${type}: { command: 'annotate', input: '${type}NoteInput!' },
   \`\`\`

4. What it promises.

   \`\`\`ts
   // ${testFile}, describe
   it('can have a note', () => {
     const annotated = { type: '${aggregate}.annotated', data: { note: 'for Ada' } } as const
     given(${variable}, created).when('annotate', { note: 'for Ada' }).thenEvents(annotated)
   })
   \`\`\`

\`${test}\`, then \`${start}\` again, and \`npx headwater command ${aggregate} demo annotate '{"note":"for Ada"}'\`.
`
}
