import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as tcp from '../../../sdk/wire/tcp.ts';
import { Kind, kindOf, S, tcpNext } from '../../../kernel/flow/tcp-state.ts';
import { begin, follow, outstanding, RECORD, Refused } from '../../../kernel/flow/tcp-window.ts';
import { distance, flagsOf, Peer, type PeerOptions, type Segment, segment, seqOf } from './tcp-peer.ts';

const seeded = (seed: number) => () => {
  seed = Math.imul(seed ^ seed >>> 15, 0x2c1b3c6d) + 0x9e3779b9 | 0;
  return (Math.imul(seed ^ seed >>> 13, 0x297a2d39) >>> 0) / 0x1_0000_0000;
};

/** What stands between two peers: the machine under test. */
class Middle {
  readonly w = new Int32Array(RECORD + 2);
  state: number = S.New;
  /** Whoever is seen first. */
  opener = 0;
  see(s: Segment, dir: number): number {
    const stop = s.header.length + s.len;
    if (this.state === S.New) {
      this.opener = dir;
      begin(this.w, 1, s.header, 0, stop);
      return this.state = kindOf(flagsOf(s)) === Kind.Syn ? S.SynSent : tcpNext(S.Established, flagsOf(s), 0);
    }
    const next = follow(this.w, 1, this.state, dir ^ this.opener, s.header, 0, stop);
    if (next >= 0) this.state = next;
    return next;
  }
}

interface Net { readonly loss: number; readonly delay: number; readonly seed: number; readonly abortAt?: number; readonly both?: boolean; readonly join?: number }

/** Runs a conversation; `seen` judges what the middle says of each segment. Returns the peers and the middle at the end. */
function converse(a: PeerOptions, b: PeerOptions, net: Net, seen: (verdict: number, s: Segment, from: Peer, to: Peer, m: Middle) => void) {
  const random = seeded(net.seed);
  const peers = [new Peer({ ...a, random }), new Peer({ ...b, random })] as const;
  const m = new Middle();
  const flying: { at: number; dir: number; passed: boolean; s: Segment }[] = [];
  let silent = 0;
  peers[0].open();
  if (net.both) peers[1].open(); else peers[1].listen();
  for (let tick = 0; tick < 6000 && !peers.every(p => p.done) && !peers.some(p => p.reset); tick++) {
    for (const [dir, p] of peers.entries()) {
      if (random() < 0.3) p.read();
      if (random() < 0.5) p.push();
      if (random() < 0.02) p.keepAlive(random() < 0.5 ? 0 : 1);
      if (silent > 3 * net.delay + 5 && random() < 0.3) p.timeout();
      if (tick === net.abortAt && dir === 0) p.abort();
      for (const s of p.out.splice(0)) flying.push({ at: tick + 1 + Math.floor(random() * net.delay), dir, passed: false, s });
    }
    silent++;
    for (const f of flying.filter(x => x.at <= tick)) {
      flying.splice(flying.indexOf(f), 1);
      if (random() < net.loss) continue;
      const [from, to] = f.dir === 0 ? [peers[0], peers[1]] : [peers[1], peers[0]];
      if (!f.passed) {
        // A SYN that was on its way while the connection came up says the wrong thing about it.
        if (net.join === undefined || (tick >= net.join && (m.state !== S.New || !from.established || (flagsOf(f.s) & tcp.SYN) === 0))) {
          const verdict = m.see(f.s, f.dir);
          seen(verdict, f.s, from, to, m);
          if (verdict < 0) continue;
        }
        flying.push({ ...f, passed: true, at: tick + 1 + Math.floor(random() * net.delay) });
      } else {
        silent = 0;
        to.receive(f.s);
      }
    }
  }
  return { peers, m };
}

const peer = fc.record({
  iss: fc.oneof(fc.integer({ min: 0, max: 0xffff_ffff }), fc.constantFrom(0xffff_ff00, 0, 0x7fff_fff0, 0x8000_0000)), toSend: fc.integer({ min: 0, max: 400_000 }),
  buffer: fc.constantFrom(1, 1000, 8000, 65_535, 200_000, 1_000_000), scale: fc.constantFrom(undefined, 0, 2, 7, 14), sack: fc.boolean(), mss: fc.constantFrom(536, 1460), large: fc.boolean(),
});
const net = fc.record({ loss: fc.constantFrom(0, 0.02, 0.1), delay: fc.constantFrom(1, 3, 10), seed: fc.integer() });
const options = (o: { iss: number; toSend: number; buffer: number; scale: number | undefined; sack: boolean; mss: number; large: boolean }): PeerOptions => ({ ...o, random: Math.random, toSend: o.buffer === 1 ? o.toSend % 50 : o.toSend });

describe('a conversation of two that keep the rules', () => {
  const run = (a: Parameters<typeof options>[0], b: Parameters<typeof options>[0], n: Net) => {
    let count = 0;
    const end = converse({ ...options(a), toSend: b.buffer === 1 ? a.toSend % 50 : a.toSend }, { ...options(b), toSend: a.buffer === 1 ? b.toSend % 50 : b.toSend }, n, (verdict, s, _from, to) => {
      count++;
      if (verdict >= 0) return;
      // So late that its receiver would not look at it (RFC 9293 §3.10.7.4): before its window, or with an ACK that is no news.
      const late = (verdict === Refused.Old || (verdict === Refused.OldAck && distance(tcp.ack(s.header, 0), to.sndUna) <= 0)) && distance(seqOf(s) + s.len, to.rcvNxt) <= 0;
      const deadReset = to.reset || (verdict === Refused.Reset && distance(seqOf(s), to.rcvNxt) < 0);
      if (!late && !deadReset) throw new Error(`refused ${verdict}: flags ${flagsOf(s).toString(16)} seq ${seqOf(s)} len ${s.len} after ${count} segments`);
    });
    return end;
  };

  it('loses no segment to the middle, whatever the net does to it, and is seen to its end', () => {
    fc.assert(fc.property(peer, peer, net, (a, b, n) => {
      const { peers, m } = run(a, b, n);
      if (peers.every(p => p.done)) expect([S.TimeWait, S.LastAck]).toContain(m.state);
    }), { numRuns: 100 });
  });
  it('may open from both sides at once', () => {
    fc.assert(fc.property(peer, peer, net, (a, b, n) => { run(a, b, { ...n, both: true }); }), { numRuns: 40 });
  });
  it('may be joined in the middle', () => {
    fc.assert(fc.property(peer, peer, net, fc.integer({ min: 5, max: 60 }), (a, b, n, join) => { run(a, b, { ...n, join }); }), { numRuns: 40 });
  });
  it('may be broken off at any time', () => {
    fc.assert(fc.property(peer, peer, net, fc.integer({ min: 5, max: 200 }), (a, b, n, abortAt) => { run(a, b, { ...n, abortAt }); }), { numRuns: 40 });
  });
});

/** A connection as it is after its handshake: both sides have 1000, window 8000, no scaling. */
function connected() {
  const m = new Middle();
  m.see(segment({ seq: 999, flags: tcp.SYN, window: 8000 }), 0);
  m.see(segment({ seq: 4999, ack: 1000, flags: tcp.SYN | tcp.ACK, window: 8000 }), 1);
  m.see(segment({ seq: 1000, ack: 5000, flags: tcp.ACK, window: 8000 }), 0);
  expect(m.state).toBe(S.Established);
  return m;
}
const data = (seq: number, ack: number, len: number, flags = 0) => segment({ seq, ack, flags: tcp.ACK | flags, window: 8000, len });

describe('a stranger who does not know the numbers', () => {
  it('puts no data in: it must begin in a window, and acknowledge what was sent', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), fc.integer({ min: 0, max: 0xffff_ffff }), fc.integer({ min: 0, max: 1460 }), fc.constantFrom(0, 1), (seq, ack, len, dir) => {
      const m = connected();
      const kept = m.w.slice();
      const [mine, other] = dir === 0 ? [1000, 5000] : [5000, 1000];
      const verdict = m.see(data(seq, ack, len), dir);
      const near = distance(seq, mine) <= 16_000 && distance(seq + len, mine) >= -8000 && distance(ack, other) <= 0 && distance(ack, other) >= -66_000;
      if (!near) {
        expect(verdict).toBeLessThan(0);
        expect(m.w).toEqual(kept);
      }
    }));
  });
  it('resets nothing (RFC 5961 §3): only the exact number ends it, others in the window pass to be challenged, the rest is dropped', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), fc.constantFrom(0, 1), fc.boolean(), (seq, dir, acks) => {
      const m = connected();
      const exact = dir === 0 ? 1000 : 5000;
      const verdict = m.see(segment({ seq, ack: dir === 0 ? 5000 : 1000, flags: acks ? tcp.RST | tcp.ACK : tcp.RST, window: 0 }), dir);
      if (seq === exact) expect(m.state).toBe(S.Close);
      else expect(m.state).toBe(S.Established);
      if (distance(seq, exact) < 0 || distance(seq, exact) > 16_000) expect(verdict).toBeLessThan(0);
    }));
    const m = connected();
    expect(m.see(segment({ seq: 5000, flags: tcp.RST, window: 0 }), 1)).toBe(S.Close);
  });
  it('a reset right behind its data is believed', () => {
    const m = connected();
    expect(m.see(data(1000, 5000, 500), 0)).toBe(S.Established);
    expect(m.see(segment({ seq: 1500, flags: tcp.RST, window: 0 }), 0)).toBe(S.Close);
  });
  it('opens nothing: a SYN from the other side is dropped, one from the opener changes nothing until it is answered', () => {
    const m = connected();
    expect(m.see(segment({ seq: 77, flags: tcp.SYN, window: 100 }), 1)).toBe(Refused.Impossible);
    expect(m.see(segment({ seq: 77_777, flags: tcp.SYN, window: 100 }), 0)).toBe(S.Established);
    expect(m.see(data(5000, 1000, 0), 1)).toBe(S.Established); // the challenge ACK
    expect(m.see(data(1000, 5000, 100), 0)).toBe(S.Established);
  });
  it('says nothing before the handshake: in syn-sent the other side may answer, cross it, reset it or challenge it, and no more', () => {
    const answer = (flags: number, f: { seq?: number; ack?: number; len?: number } = {}) => {
      const m = new Middle();
      m.see(segment({ seq: 999, flags: tcp.SYN, window: 8000 }), 0);
      const verdict = m.see(segment({ seq: 5000, ack: 1000, window: 8000, flags, ...f }), 1);
      return verdict < 0 ? verdict : m.state;
    };
    expect(answer(tcp.SYN | tcp.ACK)).toBe(S.SynRecv);
    expect(answer(tcp.SYN)).toBe(S.SynSent2);
    expect(answer(tcp.RST | tcp.ACK)).toBe(S.Close);
    // RFC 5961 §4: what one says that believes in an older connection. It is empty, and nothing begins with it.
    expect(answer(tcp.ACK, { seq: 77, ack: 123 })).toBe(S.SynSent);
    for (const len of [1, 500]) expect(answer(tcp.ACK, { len })).toBe(Refused.Early);
    expect(answer(tcp.ACK | tcp.PSH | tcp.URG, { seq: 77, ack: 123, len: 3 })).toBe(Refused.Early);
    expect(answer(tcp.ACK | tcp.FIN)).toBe(Refused.Impossible);
    expect(answer(0)).toBe(Refused.Impossible);
    const m = new Middle();
    m.see(segment({ seq: 999, flags: tcp.SYN, window: 8000 }), 0);
    expect(m.see(data(1000, 5000, 10), 0)).toBe(Refused.Impossible); // nor does the opener
    // Both have sent a SYN: data must still wait.
    m.see(segment({ seq: 4999, flags: tcp.SYN, window: 8000 }), 1);
    expect(m.see(data(5000, 1000, 10), 1)).toBe(Refused.Early);
    expect(m.see(segment({ seq: 999, ack: 5000, flags: tcp.SYN | tcp.ACK, window: 8000 }), 0)).toBe(S.SynRecv);
    expect(m.see(segment({ seq: 4999, ack: 1000, flags: tcp.SYN | tcp.ACK, window: 8000 }), 1)).toBe(S.SynRecv);
    expect(m.see(data(1000, 5000, 10), 0)).toBe(S.Established);
  });
  it('a reset in syn-sent must acknowledge the SYN', () => {
    const m = new Middle();
    m.see(segment({ seq: 999, flags: tcp.SYN, window: 8000 }), 0);
    expect(m.see(segment({ seq: 0, ack: 999, flags: tcp.RST | tcp.ACK, window: 0 }), 1)).toBe(Refused.Reset);
    expect(m.see(segment({ seq: 0, flags: tcp.RST, window: 0 }), 1)).toBe(Refused.Reset);
    expect(m.see(segment({ seq: 0, ack: 1000, flags: tcp.RST | tcp.ACK, window: 0 }), 1)).toBe(S.Close);
  });
});

describe('known difficulties', () => {
  it('a host that was started anew: its SYN passes, the challenge ACK too, and its reset ends the old connection', () => {
    const m = connected();
    expect(m.see(segment({ seq: 700_000, flags: tcp.SYN, window: 100 }), 0)).toBe(S.Established);
    expect(m.see(data(5000, 1000, 0), 1)).toBe(S.Established);
    expect(m.see(segment({ seq: 1000, flags: tcp.RST, window: 0 }), 0)).toBe(S.Close);
  });
  it('a server that forgot: its SYN and ACK for the SYN let through brings us back in step, scale included', () => {
    const m = connected();
    m.see(segment({ seq: 700_000, flags: tcp.SYN, window: 100, options: [1, 3, 3, 7] }), 0);
    expect(m.see(segment({ seq: 90, ack: 700_001, flags: tcp.SYN | tcp.ACK, window: 100, options: [1, 3, 3, 2] }), 1)).toBe(S.SynRecv);
    expect(m.see(segment({ seq: 700_001, ack: 91, flags: tcp.ACK, window: 100 }), 0)).toBe(S.Established);
    expect(m.see(data(91, 700_001, 12_000), 1)).toBe(S.Established); // 100 << 7 fits it
    expect(m.see(data(91 + 13_000, 700_001, 10), 1)).toBe(Refused.Beyond < 0 ? m.state : 0);
  });
  it('a server that refuses the SYN let through ends it', () => {
    const m = connected();
    m.see(segment({ seq: 700_000, flags: tcp.SYN, window: 100 }), 0);
    expect(m.see(segment({ seq: 0, ack: 700_001, flags: tcp.RST | tcp.ACK, window: 0 }), 1)).toBe(S.Close);
  });
  it('a challenge ACK in last-ack is no acknowledgement of the FIN (RFC 5961 §4)', () => {
    const m = connected();
    m.see(data(1000, 5000, 0, tcp.FIN), 0);
    m.see(data(5000, 1001, 0, tcp.FIN), 1);
    expect(m.state).toBe(S.LastAck);
    expect(m.see(segment({ seq: 700_000, flags: tcp.SYN, window: 100 }), 0)).toBe(S.LastAck);
    expect(m.see(data(5001, 1001, 0), 1)).toBe(S.LastAck);
    expect(m.see(data(1001, 5001, 0), 0)).toBe(S.TimeWait);
  });
  it('keep-alives with and without an octet, and their answers', () => {
    const m = connected();
    m.see(data(1000, 5000, 500), 0);
    m.see(data(5000, 1500, 0), 1);
    expect(m.see(data(1499, 5000, 0), 0)).toBe(S.Established);
    expect(m.see(data(1499, 5000, 1), 0)).toBe(S.Established);
    expect(m.see(data(5000, 1500, 0), 1)).toBe(S.Established);
  });
  it('a zero window is probed, by an octet and no more', () => {
    const m = connected();
    m.see(data(1000, 5000, 8000), 0);
    m.see(segment({ seq: 5000, ack: 9000, flags: tcp.ACK, window: 0 }), 1);
    expect(m.see(data(9000, 5000, 1), 0)).toBe(S.Established);
    expect(m.see(data(9500, 5000, 10), 0)).toBe(S.Established); // a little more than it may: passes, is not believed
    expect(m.see(data(20_000, 5000, 10), 0)).toBe(Refused.Beyond);
  });
  it('a super-frame counts with all its length', () => {
    const m = new Middle();
    m.see(segment({ seq: 0, flags: tcp.SYN, window: 65_535, options: [1, 3, 3, 7] }), 0);
    m.see(segment({ seq: 0, ack: 1, flags: tcp.SYN | tcp.ACK, window: 65_535, options: [1, 3, 3, 7] }), 1);
    m.see(segment({ seq: 1, ack: 1, flags: tcp.ACK, window: 512 }), 0);
    m.see(segment({ seq: 1, ack: 1, flags: tcp.ACK, window: 512 }), 1);
    expect(m.see(data(1, 1, 60_000), 0)).toBe(S.Established);
    expect(m.see(segment({ seq: 1, ack: 60_001, flags: tcp.ACK, window: 512 }), 1)).toBe(S.Established);
    expect(m.see(segment({ seq: 1, ack: 60_002, flags: tcp.ACK, window: 512 }), 1)).toBe(Refused.Unsent);
  });
  it('flags that no segment has are refused in every state', () => {
    for (let state = S.SynSent; state <= S.Close; state++) {
      const m = connected();
      m.state = state;
      expect(m.see(segment({ seq: 1000, flags: 0, window: 0 }), 0)).toBe(Refused.Impossible);
    }
  });
  it('an ICMP error must quote what is on its way (RFC 5927 §4.1)', () => {
    const m = connected();
    m.see(data(1000, 5000, 3000), 0);
    m.see(data(5000, 2000, 0), 1);
    expect([1999, 2000, 3999, 4000, 4001].map(seq => outstanding(m.w, 1, 0, seq))).toEqual([false, true, true, true, false]);
    expect(outstanding(m.w, 1, 1, 4999)).toBe(false);
    const joined = new Middle();
    joined.see(data(1000, 5000, 3000), 0);
    expect(outstanding(joined.w, 1, 0, 77)).toBe(true);
  });
});
