import { z } from 'zod'

/** The id of an aggregate, as it stands in subjects. */
export const Identifier = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,128}$/, 'must be 1 to 128 characters out of A-Z a-z 0-9 _ -')
