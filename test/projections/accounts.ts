import { column } from '../../src/projections/definition/column.ts'
import { defineProjection } from '../../src/projections/definition/define-projection.ts'
import type { PoisonPolicy } from '../../src/projections/definition/definition.ts'
import type { NewEvent } from './support.ts'
import { account } from './support.ts'

/** A fold whose rows show every event that was left out, repeated or out of order: `trail` depends on all of them. */
export function accountProjection({
  name = 'account',
  version = 1,
  onPoison,
}: { name?: string; version?: number; onPoison?: PoisonPolicy } = {}) {
  return defineProjection({
    name,
    version,
    ...(onPoison && { onPoison }),
    from: [account],
    columns: {
      id: column.text().key(),
      owner: column.text().index(),
      balance: column.bigint(),
      trail: column.bigint(),
      version: column.bigint(),
    },
    evolve: {
      'account.opened': (row, { aggregateId, data, version }) => ({
        id: aggregateId,
        owner: data.owner,
        balance: row?.balance ?? 0,
        trail: trail(row?.trail ?? 0, version),
        version,
      }),
      'account.moved': (row, { data, version }) =>
        row && { ...row, balance: row.balance + data.amount, trail: trail(row.trail, version), version },
      'account.closed': () => null,
    },
  })
}

function trail(before: number, version: number): number {
  return (before * 31 + version) % 1_000_003
}

export const opened = (owner = 'ann'): NewEvent => ({ type: 'account.opened', data: { owner } })
export const moved = (amount: number): NewEvent => ({ type: 'account.moved', data: { amount } })
export const closed: NewEvent = { type: 'account.closed', data: {} }
export const noted: NewEvent = { type: 'account.noted', data: {} }

/** The same rows, computed by a loop over the events that shares nothing with the engine. */
export function straightFold(commits: { id: string; events: NewEvent[] }[]): Record<string, unknown>[] {
  const rows = new Map<string, { owner: string; balance: number; trail: number; version: number }>()
  const versions = new Map<string, number>()
  for (const { id, events } of commits) {
    for (const { type, data } of events) {
      const version = (versions.get(id) ?? 0) + 1
      versions.set(id, version)
      const row = rows.get(id)
      if (type === 'account.opened' && has(data, 'owner')) {
        const owner = String(data['owner'])
        const before = row ?? { balance: 0, trail: 0 }
        rows.set(id, {
          owner,
          balance: before.balance,
          trail: (before.trail * 31 + version) % 1_000_003,
          version,
        })
      }
      if (type === 'account.moved' && row && has(data, 'amount')) {
        row.balance += Number(data['amount'])
        row.trail = (row.trail * 31 + version) % 1_000_003
        row.version = version
      }
      if (type === 'account.closed') rows.delete(id)
    }
  }
  return [...rows].map(([id, row]) => ({ id, ...row })).sort((a, b) => (a.id < b.id ? -1 : 1))
}

function has(data: unknown, key: string): data is Record<string, unknown> {
  return typeof data === 'object' && data !== null && key in data
}
