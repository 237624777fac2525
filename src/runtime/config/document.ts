import { configReference, configSections } from './reference.ts'

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
