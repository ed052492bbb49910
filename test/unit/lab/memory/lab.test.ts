import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../../kernel/clock.ts';
import { memoryLab } from '../../../../lab/memory/lab.ts';
import { until } from '../../../../lab/memory/until.ts';
import { Batch } from '../../../../sdk/index.ts';
import type { Link } from '../../../../sdk/link.ts';
import * as dhcp from '../../../../sdk/wire/dhcp.ts';
import * as ethernet from '../../../../sdk/wire/ethernet.ts';

/** In the router's place a hub: what comes in on one link goes out on all others. */
function hub(links: readonly Link[]): { run(): void; seen: Uint8Array[] } {
  const seen: Uint8Array[] = [];
  const batch = new Batch();
  return {
    seen,
    run: () => {
      for (let again = true; again;) {
        again = false;
        for (const from of links) {
          batch.clear();
          if (from.rx(batch) === 0) continue;
          again = true;
          for (let i = 0; i < batch.n; i++) seen.push(batch.at(i).bytes());
          for (const to of links) if (to !== from) to.tx(batch);
        }
      }
    },
  };
}

function start(seed = 1, traffic = false) {
  const clock = new VirtualClock();
  const lab = memoryLab({ clock, seed, why: 'a test', traffic });
  const links = lab.links.map(l => l.open({ wake: () => {}, changed: () => {} }));
  const middle = hub(links);
  return { clock, lab, links, middle };
}

describe('memory lab', () => {
  it('has the four wires and hosts, and says what it is', async () => {
    const { lab, links } = start();
    expect(links.map(l => l.name)).toEqual(['port1', 'port2', 'port3', 'wan']);
    expect(lab.hosts.map(h => h.name)).toEqual(['lan1', 'lan2', 'dmz1', 'inet1']);
    expect([lab.kind, lab.why]).toEqual(['memory', 'a test']);
  });

  it('has its LAN hosts ask for addresses', async () => {
    const { clock, lab, middle } = start();
    await lab.start();
    clock.advance(100);
    middle.run();
    const asked = middle.seen.map(f => dhcp.parse(f, ethernet.HEADER + 28, f.length)).filter(m => m?.type === dhcp.DISCOVER);
    expect(asked.map(m => dhcp.text(m?.options ?? {}, dhcp.OPTION_HOST_NAME)).sort()).toEqual(['lan1', 'lan2']);
    await lab.stop();
    expect(clock.next()).toBeUndefined();
  });

  it('runs programs on hosts, through whatever is in the middle', async () => {
    const { clock, lab, middle } = start();
    await lab.start();
    const inet = lab.stacks.get('inet1');
    lab.stacks.get('lan1')?.configure({ address: (198 << 24 >>> 0) + (51 << 16) + (100 << 8) + 7, bits: 24 }, inet?.ip.own?.address, inet?.ip.own?.address);
    const run = (argv: string[]) => {
      const how = lab.exec('lan1', argv);
      if (!(how instanceof Promise)) throw new Error('a memory lab runs programs itself');
      return until(clock, how, () => middle.run());
    };
    expect((await run(['ping', '-c', '2', '198.51.100.1'])).output).toContain('2 received');
    expect((await run(['nslookup', 'inet1'])).output).toContain('203.0.113.10');
    expect((await run(['curl', '-s', 'http://inet1/'])).output).toBe('lancell lab: this is inet1\nyou are 198.51.100.7\n');
    expect((await run(['curl', '-s', '-o', 'x', '-w', '%{size_download}', 'http://inet1/bytes/100000'])).output).toBe('100000\n');
    expect(await run(['vi'])).toMatchObject({ code: 127 });
    expect(() => lab.exec('lan9', ['ping'])).toThrow('there are lan1, lan2, dmz1, inet1');
  });

  it('does the same again from the same seed, and something else from another', async () => {
    const trace = async (seed: number) => {
      const { clock, lab, middle } = start(seed);
      await lab.start();
      for (let i = 0; i < 50; i++) { clock.advance(100); middle.run(); }
      return middle.seen.map(f => Buffer.from(f).toString('hex')).join('\n');
    };
    expect(await trace(7)).toBe(await trace(7));
    expect(await trace(7)).not.toBe(await trace(8));
  });
});
