import { z } from 'zod'
import { defineFeed } from '../../src/feed/define-feed.ts'
import { createEventTypes } from '../../src/streams/events/event-types.ts'

const events = { 'thing.happened': z.object({ n: z.number() }) }

/** The events that `someEvents` of the tests of streams makes. */
export const thingFeed = defineFeed({
  from: { name: 'thing', events, types: createEventTypes(events) },
  publish: { 'thing.happened': true },
})
