/** `customer_id` is `customerId`: a column as the property of an entity. */
type CamelCase<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name

/** What hooks see of a row: its columns under the names, and with the values, that the graph shows them with. */
export type PublicValues<Row> = {
  readonly [Name in keyof Row & string as CamelCase<Name>]: Row[Name]
}

/**
 * Who may see which rows and fields of an entity type. Hooks are pure and synchronous, and only `true` lets anything through.
 * They run wherever an entity is read: in the subgraph's own resolvers, and in the gateway for whatever a table or a
 * subgraph has given it.
 *
 * The author names the type of the caller (what the service's `identify` makes); `never` makes any such function fit.
 *
 * @example
 * interface Caller { isStaff: boolean; customerId: string }
 * defineEntity({
 *   type: 'Order',
 *   aggregate: order,
 *   projection: orderProjection,
 *   authorize: {
 *     needs: ['customerId'],
 *     row: ({ customerId }, caller: Caller) => caller.isStaff || caller.customerId === customerId,
 *     fields: { createdAt: (_, caller: Caller) => caller.isStaff },
 *   },
 * })
 */
export interface Authorize<Values = Readonly<Record<string, unknown>>> {
  /** The values that the hooks look at: read with every row, shown to nobody. All mapped fields unless given. */
  readonly needs?: readonly (keyof Values & string)[]
  /** A row that may not be seen is null, as if it were not there. */
  readonly row?: (row: Values, caller: never) => boolean
  /** By field. One that may not be seen is null, with an error whose code is FORBIDDEN. */
  readonly fields?: Readonly<Record<string, (row: Values, caller: never) => boolean>>
}

/** Hooks of a type whose values are not known to the compiler. */
export type AnyAuthorize = Authorize<never> | Authorize

/** True when the caller may see the row at all. Throws what the hook throws. */
export function maySeeRow({ row }: AnyAuthorize, values: object, caller: unknown): boolean {
  return row === undefined || Reflect.apply(row, undefined, [values, caller]) === true
}

/** True when the caller may see this field of a row. Throws what the hook throws. */
export function maySeeField(
  { fields }: AnyAuthorize,
  field: string,
  values: object,
  caller: unknown,
): boolean {
  const hook = fields !== undefined && Object.hasOwn(fields, field) ? fields[field] : undefined
  return hook === undefined || Reflect.apply(hook, undefined, [values, caller]) === true
}

/** True when the field has a hook of its own. */
export function isProtected({ fields }: AnyAuthorize, field: string): boolean {
  return fields !== undefined && Object.hasOwn(fields, field)
}
