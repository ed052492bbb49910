import type { Flows } from '../../sdk/flow.ts';
import type { Disposable } from '../../sdk/scope.ts';

type Claim = <T extends Disposable>(label: string, make: () => T) => Disposable;

/** Flows as one plugin sees them: what it claims goes with its scope, and what its functions throw is its own fault. */
export function ownedFlows(flows: Flows, claim: Claim, fault: (place: string, error: unknown) => void): Flows {
  const watcher = 'flow watcher';
  const tracking = 'TCP tracking';
  return {
    get size() { return flows.size; },
    get max() { return flows.max; },
    get halfOpen() { return flows.halfOpen; },
    get timeouts() { return flows.timeouts; },
    halfOpenTo: toDst => flows.halfOpenTo(toDst),
    view: id => flows.view(id),
    watch: w => claim(watcher, () => flows.watch({
      ...w.begun && { begun(id, flow) { try { w.begun?.(id, flow); } catch (error) { fault(watcher, error); } } },
      ...w.confirmed && { confirmed(id) { try { w.confirmed?.(id); } catch (error) { fault(watcher, error); } } },
      ...w.ended && { ended(id, why) { try { w.ended?.(id, why); } catch (error) { fault(watcher, error); } } },
    })),
    cutOldestHalfOpen: (why, toDst) => flows.cutOldestHalfOpen(why, toDst),
    setTimeouts: change => claim('flow timeouts', () => flows.setTimeouts(change)),
    // Whoever cannot say is answered strictly: nobody is picked up, both directions must be seen.
    trackTcp: how => claim(tracking, () => flows.trackTcp({
      get window() { return how.window; },
      pickup(flow) { try { return how.pickup(flow); } catch (error) { fault(tracking, error); return false; } },
      asymmetric(flow) { try { return how.asymmetric(flow); } catch (error) { fault(tracking, error); return false; } },
    })),
    taken: (src, sport, dst, dport, proto) => flows.taken(src, sport, dst, dport, proto),
    list: (filter, most) => flows.list(filter, most),
    cut: (id, why) => flows.cut(id, why),
    cutWhere: (filter, why) => flows.cutWhere(filter, why),
    bumpEpoch: why => flows.bumpEpoch(why),
  };
}
