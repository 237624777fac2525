import { assertId } from '../streams/events/subjects.ts'

const PUBLIC_TYPE = /^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/
const LONGEST_TYPE = 128

/** @throws TypeError unless the type may stand in a subject: lower case, in two tokens or more */
export function assertPublicType(type: string): void {
  if (type.length <= LONGEST_TYPE && PUBLIC_TYPE.test(type)) return
  throw new TypeError(
    `${JSON.stringify(type)} cannot be a public type: it takes tokens of a-z 0-9 _ - with dots between them, such as order.created`,
  )
}

/** `hw.feed.order.created.o-1`. Throws InvalidIdError. */
export function feedSubject(namespace: string, type: string, id: string): string {
  assertId(id)
  return `${namespace}.feed.${type}.${id}`
}

/** `hw.feed.order.created.*`: all of a type. */
export function feedSubjects(namespace: string, type: string): string {
  return `${namespace}.feed.${type}.*`
}

/** `hw.feed.>`: all that is public. */
export function allOfFeed(namespace: string): string {
  return `${namespace}.feed.>`
}
