/** Of a set of selections: once, and for each item of the page in which it stands. */
export interface Cost {
  readonly own: number
  readonly perItem: number
}

export const NONE: Cost = { own: 0, perItem: 0 }

export const add = (one: Cost, other: Cost): Cost => ({
  own: bounded(one.own + other.own),
  perItem: bounded(one.perItem + other.perItem),
})

export const most = (one: Cost, other: Cost): Cost => ({
  own: Math.max(one.own, other.own),
  perItem: Math.max(one.perItem, other.perItem),
})

/** 0 times endless would be no number. */
export const bounded = (cost: number) => Math.min(cost, Number.MAX_SAFE_INTEGER)
