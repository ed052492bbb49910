import { describe, expect, it } from 'vitest';
import { guard, SourceNat } from '../../../plugins/nat/deciders.ts';
import { EspClients } from '../../../plugins/nat/esp.ts';
import { IkeHosts } from '../../../plugins/nat/ike-hosts.ts';
import { DestinationNat } from '../../../plugins/nat/inward.ts';
import { Plan } from '../../../plugins/nat/plan.ts';
import { PptpCalls } from '../../../plugins/nat/pptp-calls.ts';
import { settings } from '../../../plugins/nat/settings.ts';
import { Translator } from '../../../plugins/nat/translator.ts';
import type { UplinkState } from '../../../plugins/wan/contract.ts';
import type { FlowView, NewFlow } from '../../../sdk/index.ts';

const WAN_LINK = 1;
const LAN_LINK = 2;
const WAN = 0xcb007102;
const HOST = 0xc0a80121;
const uplinks: UplinkState[] = [{ name: 'wan', zone: 'WAN', link: WAN_LINK, ip: WAN, bits: 24, gateway: 0, dns: [], metric: 1, up: true }];
const counter = (name: string) => ({ name, n: 0 });
const count = { noMapping: counter('m'), noPort: counter('p'), tooMany: counter('t'), noRule: counter('r'), filtered: counter('f') };
const planOf = (given: object) => new Plan(settings.parse(given), uplinks, () => ({ tcp: new Map(), udp: new Map() }), new Set());
const plan = planOf({});

const flow = (f: Partial<NewFlow>): NewFlow => {
  const dst = f.dst ?? 9;
  return {
    packet: undefined as never, src: HOST, dst, sport: 4000, dport: 80, proto: 6, inLink: LAN_LINK, local: false, toDst: dst, toDport: f.dport ?? 80,
    outLink: WAN_LINK, nextHop: 1, outAddress: WAN, toSelf: false, asked: 0, previous: undefined, now: 0, ...f,
  };
};
/** A translator and the flows that came of its decisions. */
const rig = () => {
  const keys = new Set<string>();
  const key = (...k: number[]) => k.join('/');
  const nat = new Translator({ taken: (...k) => keys.has(key(...k)), random: Math.random, rules: address => plan.portRules(address), maxPerHost: 10 });
  const source = new SourceNat(() => plan, nat, new EspClients(), new IkeHosts(() => {}), count);
  return {
    nat,
    decide: (f: NewFlow, becomes = true) => {
      const d = source.decide(f);
      if (becomes && d && 'src' in d) keys.add(key(f.toDst, f.toDport, d.src, d.sport, f.proto));
      return d && { ...d };
    },
  };
};

describe('nat deciders', () => {
  it('gives what leaves by an uplink its address, and leaves the rest alone', () => {
    expect(rig().decide(flow({}))).toEqual({ src: WAN, sport: 4000 });
    expect(rig().decide(flow({ outLink: LAN_LINK }))).toBeUndefined();
    expect(rig().decide(flow({ src: WAN, local: true }))).toBeUndefined();
  });

  it('keeps the binding of a flow that is decided again without counting it twice', () => {
    const { nat, decide } = rig();
    expect(decide(flow({}))).toEqual({ src: WAN, sport: 4000 });
    const again = flow({ previous: { snatSrc: WAN, snatSport: 4000, toDst: 9, toDport: 80, outLink: WAN_LINK } });
    expect(decide(again)).toEqual({ src: WAN, sport: 4000 });
    expect(nat.sessions(HOST)).toBe(1);
  });

  it('counts a flow again whose destination was translated anew: the old way back is ended by its own', () => {
    const { nat, decide } = rig();
    decide(flow({}));
    const moved = flow({ dst: 9, toDst: 10, previous: { snatSrc: WAN, snatSport: 4000, toDst: 9, toDport: 80, outLink: WAN_LINK } });
    expect(decide(moved)).toEqual({ src: WAN, sport: 4000 });
    nat.release({ src: HOST, sport: 4000, dst: 9, dport: 80, proto: 6 }, { src: 9, sport: 80, dst: WAN, dport: 4000, proto: 6 });
    expect(nat.holds(WAN, HOST, 4000, 4000, 6)).toBe(true);
  });

  it('takes a mapping back that became no flow', () => {
    const { nat, decide } = rig();
    for (let sport = 2000; sport < 2100; sport++) decide(flow({ sport }), false);
    decide(flow({}));
    expect(nat.sessions(HOST)).toBe(1);
    expect(nat.mappings).toBe(1);
  });

  it('gives a flow that begins nothing of the mapping of another one', () => {
    const { nat, decide } = rig();
    decide(flow({ proto: 17, sport: 5000 }));
    expect(nat.confirm(flow({ src: 9, sport: 500, dst: WAN, toDst: HOST, proto: 17 }))).toBeUndefined();
    expect(nat.confirm(flow({ proto: 17, sport: 5000 }))).toMatchObject({ address: WAN, port: 5000 });
  });

  it('refuses with a reason when a host has too many sessions', () => {
    const { decide } = rig();
    for (let i = 0; i < 10; i++) decide(flow({ sport: 2000 + i }));
    expect(decide(flow({ sport: 3000 }))).toEqual({ drop: count.tooMany, reject: 13 });
  });

  it('refuses strangers who send straight to an inside address', () => {
    const stranger = { src: 9, dst: HOST, inLink: WAN_LINK, outLink: LAN_LINK } as const;
    expect(guard(flow(stranger), plan, count)).toEqual({ drop: count.noMapping });
    expect(guard(flow({ ...stranger, dst: WAN, toDst: HOST }), plan, count)).toBeUndefined();
    expect(guard(flow({ ...stranger, dst: WAN, toSelf: true }), plan, count)).toBeUndefined();
    expect(guard(flow({}), plan, count)).toBeUndefined();
  });
});

describe('nat.dnat', () => {
  /** A flow to the router itself that is decided again once its port is forwarded. */
  const moved = () => {
    const flows = new Set<string>();
    const key = (...k: number[]) => k.join('/');
    const taken = (...k: number[]) => flows.has(key(...k));
    const forwarded = planOf({ portForwarding: [{ protocol: 'udp', start: 6000, translateStart: 80, server: '192.168.1.33' }] });
    const nat = new Translator({ taken, random: Math.random, rules: address => forwarded.portRules(address), maxPerHost: 10 });
    const inward = new DestinationNat(() => forwarded, { nat, esp: new EspClients(), calls: new PptpCalls(), syns: undefined as never, taken, count });
    const first = flow({ src: 9, sport: 5, dst: WAN, dport: 6000, proto: 17, inLink: WAN_LINK, outLink: -1 });
    const original = { src: 9, sport: 5, dst: WAN, dport: 6000, proto: 17 };
    const known = key(9, 5, WAN, 6000, 17);
    flows.add(known);
    expect(inward.decide({ ...first, previous: { snatSrc: 9, snatSport: 5, toDst: WAN, toDport: 6000, outLink: -1 } })).toEqual({ dst: HOST, dport: 80 });
    return {
      next: () => { inward.decide(flow({ dst: 7 })); return nat.pool(WAN, 17)?.held(6000) ?? false; },
      gone: () => flows.delete(known),
      ended: () => inward.ended({ original, reply: { src: HOST, sport: 80, dst: 9, dport: 5, proto: 17 } } as FlowView),
    };
  };

  it('holds the port for the new host of a flow that goes elsewhere now, until that flow ends', () => {
    const { next, ended, gone } = moved();
    expect(next()).toBe(true);
    ended();
    gone();
    expect(next()).toBe(false);
  });

  it('holds nothing for one that the policy refused, so that it ended', () => {
    const { next, gone } = moved();
    gone();
    expect(next()).toBe(false);
  });

  it('holds nothing for one that ended before anything else was decided', () => {
    const { next, ended, gone } = moved();
    ended();
    gone();
    expect(next()).toBe(false);
  });
});
