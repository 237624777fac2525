// The aggregates of the holiday in docs/sagas.md.
import { defineAggregate, reject, z } from '../../../src/index.ts'

const Booking = z.object({ for: z.string() })
const nobody: { bookedFor: string } = { bookedFor: '' }

export const seat = defineAggregate({
  name: 'seat',
  events: { 'seat.booked': Booking, 'seat.freed': Booking },
  commands: { book: Booking, free: Booking },
  initial: nobody,
  decide: {
    book: (_, data) => ({ type: 'seat.booked', data }),
    free: ({ bookedFor }, data) =>
      bookedFor === data.for ? { type: 'seat.freed', data } : reject('NOT_BOOKED', 'It is not booked'),
  },
  evolve: { 'seat.booked': (_, { data }) => ({ bookedFor: data.for }), 'seat.freed': () => nobody },
})

export const room = defineAggregate({
  name: 'room',
  events: { 'room.booked': Booking, 'room.freed': Booking },
  commands: { book: Booking, free: Booking },
  initial: nobody,
  decide: {
    book: (_, data, { id }) =>
      id === 'full' ? reject('ROOM_TAKEN', 'the hotel is full') : { type: 'room.booked', data },
    free: ({ bookedFor }, data) =>
      bookedFor === data.for ? { type: 'room.freed', data } : reject('NOT_BOOKED', 'It is not booked'),
  },
  evolve: { 'room.booked': (_, { data }) => ({ bookedFor: data.for }), 'room.freed': () => nobody },
})

const Issue = z.object({ traveller: z.string(), approvedBy: z.string() })

export const ticket = defineAggregate({
  name: 'ticket',
  events: { 'ticket.issued': Issue, 'ticket.collected': z.object({}), 'ticket.filed': z.object({}) },
  commands: { issue: Issue, collect: z.object({}), file: z.object({}) },
  initial: {},
  decide: {
    issue: (_, data) => ({ type: 'ticket.issued', data }),
    collect: () => ({ type: 'ticket.collected', data: {} }),
    file: () => ({ type: 'ticket.filed', data: {} }),
  },
  evolve: {
    'ticket.issued': (state) => state,
    'ticket.collected': (state) => state,
    'ticket.filed': (state) => state,
  },
})
