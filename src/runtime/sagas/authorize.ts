import { type Authorize, type PublicValues, maySeeField, maySeeRow } from '../../graph/schema/authorize.ts'
import type { Context } from '../define-context.ts'
import type { SagaRow } from './projection.ts'

/** What the hooks of sagas see of one. */
export type SagaValues = Omit<PublicValues<SagaRow>, 'sagaId'>

/** Who may see the sagas of a context, and which of their fields. */
export type AuthorizeSagas = Authorize<SagaValues>

/** The hooks of all contexts as those of one type: each judges its own sagas. Undefined when there are none. */
export function authorizeAll(contexts: readonly Context[]): AuthorizeSagas | undefined {
  const hooks = new Map(
    contexts.flatMap(({ sagas, authorizeSagas }) =>
      authorizeSagas ? sagas.map(({ name }): [string, AuthorizeSagas] => [name, authorizeSagas]) : [],
    ),
  )
  if (hooks.size === 0) return undefined
  const all = [...new Set(hooks.values())]
  const fields = all.flatMap((one) => Object.keys(one.fields ?? {}))
  const needs = all.map((one) => one.needs)
  return {
    ...(needs.every((one) => one !== undefined) && {
      needs: [...new Set(['name' as const, ...needs.flat()])],
    }),
    row: (saga, caller: unknown) => {
      const own = hooks.get(saga.name)
      return !own || maySeeRow(own, saga, caller)
    },
    fields: Object.fromEntries(
      fields.map((field) => [
        field,
        (saga: SagaValues, caller: unknown) => {
          const own = hooks.get(saga.name)
          return !own || maySeeField(own, field, saga, caller)
        },
      ]),
    ),
  }
}
