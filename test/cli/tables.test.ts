import { expect, it } from 'vitest'
import { followersParkedTable } from '../../src/cli/follower-table.ts'

it('what an event brings cannot write elsewhere on the terminal', () => {
  const [, row = ''] = followersParkedTable('reactor', [
    {
      name: 'restock',
      stream: 'ORDERS',
      sequence: 7,
      aggregate: 'order',
      id: 'o-1',
      type: 'order.created',
      index: 0,
      eventId: 'e-1',
      epoch: 0,
      action: null,
      attempts: 1,
      parkedAt: '2026-11-21T00:00:00.000Z',
      code: 'HANDLER_FAILED',
      cause: 'before\u001B[2J\nafter',
    },
  ])
  expect(row).toContain('HANDLER_FAILED: before [2J after')
})
