import { describe, expect, it } from 'vitest';
import { guard, translate } from '../../../plugins/nat/deciders.ts';
import { Translator } from '../../../plugins/nat/translator.ts';
import type { UplinkState } from '../../../plugins/wan/contract.ts';
import type { NewFlow } from '../../../sdk/index.ts';

const WAN_LINK = 1;
const LAN_LINK = 2;
const WAN = 0xcb007102;
const HOST = 0xc0a80121;
const uplinks: UplinkState[] = [{ name: 'wan', link: WAN_LINK, ip: WAN, bits: 24, gateway: 0, dns: [], metric: 1, up: true }];
const count = { noMapping: { name: 'm', n: 0 }, noPort: { name: 'p', n: 0 }, tooMany: { name: 't', n: 0 } };

const flow = (f: Partial<NewFlow>): NewFlow => {
  const dst = f.dst ?? 9;
  return {
    packet: undefined as never, src: HOST, dst, sport: 4000, dport: 80, proto: 6, inLink: LAN_LINK, local: false, toDst: dst, toDport: f.dport ?? 80,
    outLink: WAN_LINK, nextHop: 1, outAddress: WAN, toSelf: false, previous: undefined, now: 0, ...f,
  };
};
const nat = () => new Translator({ taken: () => false, random: Math.random, reserved: [], maxPerHost: 10 });

describe('nat deciders', () => {
  it('gives what leaves by an uplink its address, and leaves the rest alone', () => {
    expect(translate(flow({}), uplinks, nat(), count)).toEqual({ src: WAN, sport: 4000 });
    expect(translate(flow({ outLink: LAN_LINK }), uplinks, nat(), count)).toBeUndefined();
    expect(translate(flow({ src: WAN, local: true }), uplinks, nat(), count)).toBeUndefined();
  });

  it('keeps the binding of a flow that is decided again without counting it twice', () => {
    const t = nat();
    expect(translate(flow({}), uplinks, t, count)).toEqual({ src: WAN, sport: 4000 });
    const again = flow({ previous: { snatSrc: WAN, snatSport: 4000, toDst: 9, toDport: 80, outLink: WAN_LINK } });
    expect(translate(again, uplinks, t, count)).toEqual({ src: WAN, sport: 4000 });
    expect(t.sessions(HOST)).toBe(1);
  });

  it('refuses with a reason when a host has too many sessions', () => {
    const t = nat();
    for (let i = 0; i < 10; i++) translate(flow({ sport: 2000 + i }), uplinks, t, count);
    expect(translate(flow({ sport: 3000 }), uplinks, t, count)).toEqual({ drop: count.tooMany });
  });

  it('refuses strangers who send straight to an inside address', () => {
    const stranger = { src: 9, dst: HOST, inLink: WAN_LINK, outLink: LAN_LINK } as const;
    expect(guard(flow(stranger), uplinks, count)).toEqual({ drop: count.noMapping });
    expect(guard(flow({ ...stranger, dst: WAN, toDst: HOST }), uplinks, count)).toBeUndefined();
    expect(guard(flow({ ...stranger, dst: WAN, toSelf: true }), uplinks, count)).toBeUndefined();
    expect(guard(flow({}), uplinks, count)).toBeUndefined();
  });
});
