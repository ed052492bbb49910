/** What is known of an uplink for choosing. */
export interface Candidate { readonly name: string; readonly metric: number; readonly up: boolean; readonly good: boolean }

export interface Choice {
  /** Traffic goes here; undefined: by the routes, there is nothing better. */
  readonly use: string | undefined;
  /** Uplinks that come up on demand are wanted. */
  readonly standIn: boolean;
}

/** Which uplink carries the traffic: the best that is up and good; without fall-back the present one, as long as it is. */
export function choose(all: readonly Candidate[], present: string | undefined, fallBack: boolean): Choice {
  const order = [...all].sort((a, b) => a.metric - b.metric);
  const able = order.filter(c => c.up && c.good);
  const stays = !fallBack && able.some(c => c.name === present);
  const use = stays ? present : able[0]?.name;
  const primary = order[0];
  return { use, standIn: primary !== undefined && !(primary.up && primary.good) && order.length > 1 };
}
