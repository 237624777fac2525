import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type KeysetRequest, readPages } from '../../src/graph/reads/keyset.ts'
import { type Servers, startServers } from './servers.ts'
import { openShop } from './shop.ts'

let servers: Servers
beforeAll(async () => void (servers = await startServers()))
afterAll(() => servers.stop())

interface Task {
  id: string
  project: string
  weight: number
  parent_id: string | null
  ordering_key: string
}

const TASKS: Task[] = [
  { id: 'a', project: 'p-1', weight: 1, parent_id: null, ordering_key: 'x' },
  { id: 'b', project: 'p-1', weight: 2, parent_id: 'a', ordering_key: 'y' },
  { id: 'c', project: 'p-2', weight: 3, parent_id: 'b', ordering_key: 'z' },
]
const [first, second, third] = TASKS

/** A table of tasks whose columns are called what a statement about pages may want to call its own. */
async function tasks(request: Partial<KeysetRequest<Task>> = {}) {
  const { db } = (await openShop(servers)).database
  await sql`create table task (id text primary key, project text, weight bigint, parent_id text, ordering_key text)`.execute(
    db,
  )
  for (const { id, project, weight, parent_id: parent, ordering_key: key } of TASKS)
    await sql`insert into task values (${id}, ${project}, ${weight}, ${parent}, ${key})`.execute(db)
  const all: KeysetRequest<Task> = {
    table: 'task',
    conditions: [],
    column: 'weight',
    descending: true,
    after: undefined,
    limit: 9,
  }
  return { db, request: { ...all, ...request } }
}

it('reads a page and the count of all, and leaves each column what it is', async () => {
  const { db, request } = await tasks({ limit: 2 })
  const pages = await readPages(db, request, { rows: true, count: true })
  expect([...pages.keys()]).toEqual([''])
  expect(pages.get('')).toMatchObject({ rows: [{ ...third, orderingKey: '3' }, second], count: 3 })
})

it('reads a page and the count for each value of a scope, also where there is no row', async () => {
  const { db, request } = await tasks({ conditions: [['weight', '>', 1]] })
  const scope = { column: 'project' as const, values: ['p-2', 'p-1', 'p-3'] }
  const pages = await readPages(db, request, { rows: true, count: true }, scope)
  expect(Object.fromEntries(pages)).toMatchObject({
    'p-1': { rows: [second], count: 1 },
    'p-2': { rows: [third], count: 1 },
    'p-3': { rows: [], count: 0 },
  })
})

it('counts all where the page is behind the last row', async () => {
  const { db, request } = await tasks({ after: ['1', 'a'] })
  const pages = await readPages(db, request, { rows: true, count: true })
  expect(pages.get('')).toEqual({ rows: [], count: 3 })
})

it.each([
  [
    { rows: true, count: false },
    { rows: [third, second, first], count: 0 },
  ],
  [
    { rows: false, count: true },
    { rows: [], count: 3 },
  ],
  [
    { rows: false, count: false },
    { rows: [], count: 0 },
  ],
])('reads of %j no more than that', async (wanted, expected) => {
  const { db, request } = await tasks()
  expect((await readPages(db, request, wanted)).get('')).toMatchObject(expected)
})
