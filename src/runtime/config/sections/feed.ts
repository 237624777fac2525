import { z } from 'zod'
import { flag, integer } from '../kinds.ts'

export const feed = z
  .strictObject({
    enabled: flag('Publish the events that contexts declare as public.').default(true),
    maxAgeHours: integer('How long a public event is kept, in hours.', 1, 87_600).default(168),
  })
  .describe('The public feed: events as messages of their own, for others to subscribe to.')
