export interface LiveNames {
  /** `Order` */
  type: string
  /** The arguments that name one: `id: ID!` */
  arguments: string
  /** The field of the payload that has the state: `order` */
  member: string
  /** `orderChanged` */
  one: string
  /** `ordersChanged`, if there is such a field */
  all: string | undefined
  /** The input type of the filter, if there is one. */
  filter: string | undefined
}

/** `OrderLine` is `orderLine`. */
export const memberName = (type: string) => type.slice(0, 1).toLowerCase() + type.slice(1)

/** The SDL of an entity's subscriptions: its words are what a client knows of their guarantees. */
export function liveTypeDefs({ type, arguments: given, member, one, all, filter }: LiveNames): string {
  const article = /^[AEIOU]/.test(type) ? 'an' : 'a'
  return /* GraphQL */ `
  extend type Subscription {
    """
    Follows one ${member}, also one that is not there yet. Without a cursor: its state now first (type STATE), then every event, in
    order. With a cursor: every event since it, then what happens; none is left out, none comes twice, whichever server answers.
    """
    ${one}(${given}, after: Cursor): ${type}Change!${all === undefined ? '' : manyTypeDef({ type, all, filter })}
  }

  "What is told to those who follow ${article} ${member}"
  type ${type}Change {
    type: ChangeType!
    """
    Subscribe again with this as \`after\` to go on behind this payload. Null while the state of many is still being told: who is
    interrupted there begins again
    """
    cursor: Cursor
    "What happened; null unless the type is EVENT"
    event: EventNode
    """
    The state that the event left behind: at exactly its version, folded from the log, whatever has happened since. With type STATE
    the state now. Null when there is none
    """
    ${member}: ${type}
  }
`
}

function manyTypeDef({ type, all, filter }: Pick<LiveNames, 'type' | 'filter'> & { all: string }): string {
  return /* GraphQL */ `
    """
    Follows all of them${filter ? ' that fit the filter: an event is told when the state that it left behind fits. One that leaves the filter is not' : ''}.
    Without a cursor: the state of each now first (type STATE, without a cursor; at most 1000 unless configured), then a BOOKMARK, then
    every event, in order. With a cursor, which is good for the same arguments only: every event since it, then what happens.
    """
    ${all}(${filter ? `filter: ${filter}, ` : ''}after: Cursor): ${type}Change!
`
}
