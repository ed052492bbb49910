/** Topics `noun/verb`. Plugins add theirs by declaration merging. */
export interface Events {
  'link/up': { readonly link: number; readonly name: string };
  'link/down': { readonly link: number; readonly name: string; readonly why: string };
  'link/mtu': { readonly link: number; readonly name: string; readonly mtu: number };
  'plugin/state': { readonly id: string; readonly state: string; readonly why: string };
  /**
   * Somebody attacks, or looks like it: told at most once a second per kind and source by whoever sees it. `kind` is the log
   * category's word: 'land', 'ping of death', 'teardrop', 'syn flood', 'smurf', 'ip spoofing', 'port scan'. Addresses as in FlowKey.
   */
  'security/attack': { readonly kind: string; readonly src: number; readonly dst: number; readonly link: number; readonly detail: string };
  'config/committed': { readonly author: string; readonly changed: readonly string[] };
}

/**
 * Topics that describe a state: the newest event per key is replayed to late listeners, for a hot-loaded plugin always
 * comes late. The value names the field that is the key.
 */
export const sticky: Partial<Record<string, string>> = {
  'link/up': 'name', 'link/down': 'name', 'link/mtu': 'name', 'plugin/state': 'id',
};
/** Topics of one state share a memory: a link that is down is no longer up. */
export const stickyGroup: Partial<Record<string, string>> = { 'link/up': 'link', 'link/down': 'link' };
