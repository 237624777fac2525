import type { ErrorTable } from './entry.ts'

export const liveErrors = {
  BAD_CURSOR: {
    status: 400,
    where: ['graph'],
    when: 'The cursor of a subscription is none, was made with another key, or is of another subscription.',
    remedy: 'Give the cursor of a payload as it came, or none.',
  },
  STATE_TOO_LARGE: {
    status: 400,
    where: ['graph'],
    when: 'More fits the filter of a subscription than is told at its start.',
    remedy: 'Narrow the filter, or give a cursor.',
  },
  CURSOR_AHEAD: {
    status: 409,
    where: ['graph'],
    when: 'The log has not come as far as the cursor: it was restored from an older copy.',
    remedy: 'Subscribe without a cursor: the present state comes first.',
  },
  CURSOR_EXPIRED: {
    status: 410,
    where: ['graph'],
    when: 'The log was made anew, or cut, since the cursor was given.',
    remedy: 'Subscribe without a cursor: the present state comes first.',
  },
  SUBSCRIPTION_TOO_SLOW: {
    status: 429,
    where: ['graph'],
    when: 'More has happened than is kept for a client that reads so slowly.',
    remedy: 'Subscribe again after the `cursor` in `extensions`; nothing is lost.',
  },
  TOO_MANY_OPERATIONS: {
    status: 429,
    where: ['graph'],
    when: 'A WebSocket connection has as many operations under way as it may.',
    remedy: 'Complete one first, or open another connection.',
  },
  NOT_LIVE: {
    status: 501,
    where: ['graph'],
    when: 'Subscriptions are not served here.',
    remedy: 'Subscribe at a process that serves them.',
  },
  TOO_MANY_SUBSCRIPTIONS: {
    status: 503,
    where: ['graph'],
    when: 'The server has as many subscriptions as it takes (`graph.live.max_subscriptions`), over all connections.',
    remedy: 'Try again a little later, or at another replica.',
  },
  TOO_MANY_CONNECTIONS: {
    status: 503,
    where: ['graph'],
    when: 'The server has as many live connections as it takes.',
    remedy: 'Try again a little later, or at another replica.',
  },
} as const satisfies ErrorTable
