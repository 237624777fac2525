/** A fenced block of a Markdown page. */
export interface Block {
  /** What stands behind the fence: `sh`, `json`. */
  language: string
  /** Without the indentation that the fence has in a list. */
  text: string
  /** The test that runs it, where a comment right above says so: `<!-- run by test/… -->`. */
  runBy: string | undefined
}

const BLOCK = /(?:<!-- run by (\S+) -->\n\n)?^( *)```(\w*)\n(.*?)^\2```$/gms

/** The fenced blocks, in order. */
export function blocksOf(page: string): Block[] {
  return [...page.matchAll(BLOCK)].map(([, runBy, indent = '', language = '', text = '']) => ({
    language,
    text: indent === '' ? text : text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    runBy,
  }))
}

const PLACEHOLDERS: [RegExp, string][] = [
  [/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, '<id>'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>'],
  [/"cursor":"[^"]+"/g, '"cursor":"<cursor>"'],
  [/"lagMs":\s*\d+/g, '"lagMs": 0'],
  [/\d+\.\d s \([\d,]+\/s\)/g, '<rate>'],
]

/** What differs from one run to the next, made the same. */
export function withoutChance(text: string): string {
  return PLACEHOLDERS.reduce((all, [pattern, same]) => all.replaceAll(pattern, same), text)
}
