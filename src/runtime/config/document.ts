import { configEntries, configReference, configSections } from './reference.ts'

/** The reference of every key as Markdown, from the schema alone. */
export function configurationDoc(): string {
  const rows = configReference()
  const sections = [{ section: '', description: 'At the top of the file.' }, ...configSections()]
  return [
    '# Configuration',
    '',
    'Made by `node scripts/make-docs.ts` from the schema in `src/runtime/config`; do not edit.',
    '',
    'A key is taken from the environment, else from `headwater.toml` in the working folder (or the file that',
    '`HEADWATER_CONFIG` names), else it has its default. `${NAME}` in a text of the file stands for an environment variable.',
    'Unknown keys and bad values are refused at start, all of them at once. `headwater config` prints what is in force.',
    ...sections.flatMap(({ section, description }) => {
      const here = rows.filter(({ key }) => sectionOf(key, sections) === section)
      if (here.length === 0) return []
      return [
        '',
        section === '' ? '## Top level' : `## [${section}]`,
        '',
        description,
        '',
        '| key | environment | value | default | |',
        '| --- | --- | --- | --- | --- |',
        ...here.map(
          ({ key, env, type, default: value, description: text }) =>
            `| \`${key.slice(section === '' ? 0 : section.length + 1)}\` | ${env.map((name) => `\`${name}\``).join(', ')} | ${cell(type)} | ${value === '' ? '' : `\`${cell(value)}\``} | ${cell(text)} |`,
        ),
      ]
    }),
    '',
    '## Lists of tables',
    '',
    'A table of a list has a header in double brackets for each; its place is counted from 0 in messages, as in',
    '`federation.subgraphs[1].name`. In the environment the whole list is one variable with JSON, in which keys are named',
    'as in the file: `HEADWATER_FEDERATION_SUBGRAPHS=\'[{"name":"reviews","graphql_url":"https://…"}]\'`. It takes the place',
    'of the whole list in the file. An address with a password or a token stands in the environment, never in the file:',
    '`database_url = "${CUSTOMERS_DATABASE_URL}"`.',
    ...configEntries().flatMap(({ header, description, rows: keys }) => [
      '',
      `### ${header.replaceAll('<', '\\<')}`,
      '',
      description,
      '',
      '| key | value | default | |',
      '| --- | --- | --- | --- |',
      ...keys.map(
        ({ key, type, default: value, description: text }) =>
          `| \`${key}\` | ${cell(type)} | ${value === '' ? '' : `\`${cell(value)}\``} | ${cell(text)} |`,
      ),
    ]),
    '',
  ].join('\n')
}

/** The longest section that the key stands in: `nats.tls.ca_file` is of `nats.tls`. */
function sectionOf(key: string, sections: { section: string }[]): string {
  return sections
    .map(({ section }) => section)
    .filter((section) => section !== '' && key.startsWith(`${section}.`))
    .reduce((longest, section) => (section.length > longest.length ? section : longest), '')
}

const cell = (text: string) => text.replaceAll('|', '\\|')
