import { crc32 } from 'node:zlib'
import type { PageStore, Snapshot } from '../../streams/snapshots.ts'
import { ENTRY_BYTES, newestOf, splitOldest } from './command-table.ts'
import { RecentCommands } from './recent-commands.ts'

/**
 * So many command ids go into a snapshot itself. Of an aggregate with more, which a command every five seconds makes in a day,
 * the older ones are kept in pages of as many beside it: they are written once, where the snapshot is written anew all the time.
 */
const PAGE_IDS = 16_384
/** The part of the largest value that the ids may take, in bytes: as base64 in a snapshot they are a third longer, and the state is there too. */
const PAGE_PART = 0.25

type Pages = NonNullable<Snapshot['paged']>['pages']

/** An aggregate's ids, and the pages that are stored of them. */
export interface PagedCommands {
  recent: RecentCommands
  /** The oldest first; what is stored is added. */
  pages: Pages
}

/** Stores what has to be in pages by now, and answers what the snapshot is to say. Rejects with what the store throws. */
export async function storeCommands(
  paged: PagedCommands,
  store: PageStore,
): Promise<Pick<Snapshot, 'commands' | 'paged'>> {
  const { recent } = paged
  const most = Math.min(PAGE_IDS, Math.floor((store.largest * PAGE_PART) / ENTRY_BYTES))
  paged.pages = paged.pages.filter(({ newest }) => newest >= recent.oldest)
  const { pages } = paged
  let rest = recent.after(pages.at(-1)?.through ?? 0)
  while (rest.length > most * ENTRY_BYTES) {
    const { oldest: page, through, rest: others } = splitOldest(rest, most)
    const number = firstFree(pages)
    await store.save(number, page)
    pages.push({ number, through, newest: newestOf(page), crc: crc32(page) })
    rest = others
  }
  const packed = rest.toString('base64')
  return pages.length === 0
    ? { commands: packed }
    : { commands: null, paged: { pages: [...pages], rest: packed } }
}

/**
 * The ids as a snapshot tells of them; undefined when it does not, or a page of it is not what it was: another replica may have
 * written in its place. The log has them all.
 */
export async function loadCommands(
  { commands, paged }: Pick<Snapshot, 'commands' | 'paged'>,
  windowMs: number,
  store: PageStore,
): Promise<PagedCommands | undefined> {
  if (commands !== null) {
    return { recent: new RecentCommands(windowMs, Buffer.from(commands, 'base64')), pages: [] }
  }
  if (!paged) return undefined
  const recent = new RecentCommands(windowMs, Buffer.from(paged.rest, 'base64'))
  const pages = paged.pages.filter(({ newest }) => newest >= recent.oldest)
  for (const { number, crc } of pages) {
    const page = await store.load(number)
    if (!page || crc32(page) !== crc) return undefined
    recent.addTable(page)
  }
  return { recent, pages }
}

/** Numbers are used again: what is past the window makes room, and nothing has to be deleted. */
function firstFree(pages: Pages): number {
  const used = new Set(pages.map(({ number }) => number))
  let number = 0
  while (used.has(number)) number++
  return number
}
