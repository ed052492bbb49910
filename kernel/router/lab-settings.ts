import { bitsOf, format4, maskOf, parsePrefix } from '../../sdk/wire/address.ts';
import type { Document, JsonObject } from '../config/document.ts';

interface LabFacts {
  readonly lan: { readonly ports: Readonly<Record<string, string>>; readonly addresses: Readonly<Record<string, string>>; readonly leases: readonly { name: string; mac: string; ip: string }[] };
  /** The carrier of the lab's cards. */
  readonly cellular?: { readonly apn: string };
  readonly wan: { readonly address: string; readonly gateway: string; readonly nameservers: readonly string[] };
}

/** A lab's topology as the settings a router begins with there. */
export function labSettings(facts: LabFacts): Document {
  const side = (prefix: string, dhcp: JsonObject): JsonObject => {
    const [ip = ''] = prefix.split('/');
    return { ip, mask: maskText(prefix), dhcp };
  };
  const wan = facts.wan.address.split('/')[0] ?? '';
  return { format: 1, sections: {
    lan: { version: 1, settings: {
      ports: { ...facts.lan.ports },
      lan: side(facts.lan.addresses['lan'] ?? '192.168.1.1/24', { mode: 'server', static: facts.lan.leases.map(l => ({ ...l })) }),
      dmz: side(facts.lan.addresses['dmz'] ?? '192.168.2.1/24', {}),
      dns: { name: 'router', domain: 'lab' },
    } },
    ...(facts.cellular === undefined ? {} : { 'cellular-cards.core': { version: 1, settings: { enabled: true, nailedUp: true, apn: facts.cellular.apn } } }),
    // What the lab's DNS calls the router: its hosts open http://router/.
    remote: { version: 1, settings: { names: ['router', 'router.lab'] } },
    wan: { version: 1, settings: { mode: 'static', ip: wan, mask: maskText(facts.wan.address), gateway: facts.wan.gateway, dns: [...facts.wan.nameservers] } },
  } };
}

function maskText(prefix: string): string {
  const parsed = parsePrefix(prefix);
  if (!parsed || bitsOf(maskOf(parsed.bits)) === undefined) throw new Error(`the lab's prefix ${prefix} is none`);
  return format4(maskOf(parsed.bits));
}
