import { CliError, type Table, z } from '../../sdk/index.ts';
import { format4, formatMac, parse4, parseMac } from '../../sdk/wire/address.ts';
import type { Context, Core } from './core.ts';
import { address } from './settings.ts';

const ifArg = (core: Core) => ({ schema: z.string().optional(), help: 'interface: lan, wan, dmz, wlan (enet0, enet1)', complete: () => core.interfaces.names() });

export function arpTable(core: Core, now: number, link?: number): Table {
  const rows = core.neighbours.list().filter((e) => link === undefined || e.link === link)
    .sort((a, b) => a.link - b.link || a.ip - b.ip)
    .map((e) => [format4(e.ip), e.mac ? formatMac(e.mac) : null, core.interfaces.nameOf(e.link), e.state, e.mac && !e.permanent ? Math.round((now - e.confirmed) / 1000) : null]);
  return { title: 'ARP table', columns: ['address', 'ether', 'interface', 'state', 'age s'], rows };
}

/** `ip arp …` */
export function arpVerbs(ctx: Context, core: Core): void {
  const linkOf = (ip: number) => {
    const on = core.addresses.subnetOf(ip);
    if (!on) throw new CliError(`${format4(ip)} is in no subnet of the router; those are ${core.addresses.list().map((a) => `${format4(a.ip)}/${a.bits}`).join(', ') || 'none'}`);
    return on.link;
  };
  const ipArg = { schema: address, help: 'IP address' };
  const settings = () => core.config.arp;

  ctx.command({
    path: 'ip arp status', help: 'the ARP table', access: 'read', args: { interface: ifArg(core) },
    run: (a) => arpTable(core, ctx.clock.now(), a.interface === undefined ? undefined : core.interfaces.find(a.interface).id),
  });
  ctx.command({
    path: 'ip arp add', help: 'adds a permanent entry', args: { address: ipArg, kind: { schema: z.enum(['ether']), help: 'kind of hardware' }, mac: { schema: z.string().refine((s) => parseMac(s) !== undefined, 'must be like 00:a0:c5:01:02:03'), help: 'hardware address' } },
    async run(a, io) {
      linkOf(parse4(a.address) as number);
      await ctx.commit((draft) => {
        draft.arp.entries = [...draft.arp.entries.filter((e) => e.ip !== a.address), { ip: a.address, mac: formatMac(parseMac(a.mac) as Uint8Array) }];
      }, io.author);
    },
  });
  ctx.command({
    path: 'ip arp drop', help: 'removes an entry', args: { address: ipArg },
    async run(a, io) {
      const ip = parse4(a.address) as number;
      if (settings().entries.some((e) => e.ip === a.address)) {
        await ctx.commit((draft) => { draft.arp.entries = draft.arp.entries.filter((e) => e.ip !== a.address); }, io.author);
        return;
      }
      const known = core.neighbours.list().filter((e) => e.ip === ip);
      if (!known.length) throw new CliError(`${a.address} is not in the ARP table`);
      for (const e of known) core.feed({ kind: 'forget', link: e.link, ip });
    },
  });
  ctx.command({ path: 'ip arp flush', help: 'removes all entries but the permanent ones', run: () => core.feed({ kind: 'flush' }) });
  ctx.command({
    path: 'ip arp resolve', help: 'asks for the hardware address of a host', args: { address: ipArg },
    async run(a, io) {
      const ip = parse4(a.address) as number;
      const link = linkOf(ip);
      core.feed({ kind: 'resolve', link, ip });
      for (;;) {
        const e = core.neighbours.list().find((n) => n.link === link && n.ip === ip);
        if (e?.state === 'permanent' || e?.state === 'known') return `${a.address} is at ${formatMac(e.mac as Uint8Array)}`;
        if (!e || e.state === 'failed' || io.signal.aborted) throw new CliError(`${a.address} does not answer`);
        await core.pause(100, io.signal);
      }
    },
  });
  ctx.command({
    path: 'ip arp ackGratuitous active', help: 'whether a gratuitous ARP makes the router ask for the address', args: { value: { schema: z.enum(['yes', 'no']).optional(), help: 'yes or no; without: the present value' } },
    async run(a, io) {
      if (a.value === undefined) return settings().ackGratuitous.active ? 'yes' : 'no';
      await ctx.commit((draft) => { draft.arp.ackGratuitous.active = a.value === 'yes'; }, io.author);
    },
  });
  ctx.command({
    path: 'ip arp ackGratuitous forceUpdate', help: 'whether it may change an entry that is there', args: { value: { schema: z.enum(['on', 'off']).optional(), help: 'on or off; without: the present value' } },
    async run(a, io) {
      if (a.value === undefined) return settings().ackGratuitous.forceUpdate ? 'on' : 'off';
      await ctx.commit((draft) => { draft.arp.ackGratuitous.forceUpdate = a.value === 'on'; }, io.author);
    },
  });
  ctx.command({
    path: 'ip arp attpret', help: 'whether to take ARP from any other network on the interface; off: only from one that is routed there, and only to answer', args: { value: { schema: z.enum(['on', 'off']).optional(), help: 'on or off; without: the present value' } },
    async run(a, io) {
      if (a.value === undefined) return settings().attpret ? 'on' : 'off';
      await ctx.commit((draft) => { draft.arp.attpret = a.value === 'on'; }, io.author);
    },
  });
}
