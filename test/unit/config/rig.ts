import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { z } from 'zod';
import { VirtualClock } from '../../../kernel/clock.ts';
import { Config } from '../../../kernel/config/commit.ts';
import type { ConfigSection } from '../../../kernel/config/section.ts';
import { memoryStore, openStore, type Store } from '../../../kernel/config/store.ts';
import type { Logger } from '../../../sdk/log.ts';

const made: string[] = [];
afterEach(() => { for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true }); });

export function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'lancell-config-'));
  made.push(dir);
  return dir;
}

/** A log that keeps its lines. */
export function notes(): Logger & { lines: string[] } {
  const lines: string[] = [];
  const at = (level: string) => (_fields: object, msg: string) => { lines.push(`${level} ${msg}`); };
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export interface Rig { config: Config; clock: VirtualClock; log: ReturnType<typeof notes>; store: Store; events: { author: string; changed: readonly string[] }[] }

/** Settings in a directory, or in memory. */
export async function rig(dir?: string, clock = new VirtualClock(), wrap: (s: Store) => Store = (s) => s): Promise<Rig> {
  const log = notes();
  const store = wrap(dir === undefined ? memoryStore() : await openStore(dir, log, () => clock.wall()));
  const events: Rig['events'] = [];
  const config = await Config.open({ store, clock, log, bus: { emit: (topic, e) => { if (topic === 'config/committed') events.push(e as Rig['events'][number]); } } });
  return { config, clock, log, store, events };
}

/** Lets queued work run that waits for no timer. */
export const settled = async (): Promise<void> => { for (let i = 0; i < 50; i++) await new Promise((done) => setImmediate(done)); };

export const lanSchema = z.object({
  active: z.boolean().default(true).meta({ title: 'LAN', help: 'forward for this side' }),
  mtu: z.int().min(576).max(9000).default(1500).meta({ unit: 'octets', help: 'largest packet' }),
  mode: z.enum(['router', 'bridge']).default('router').meta({ help: 'how | it works' }),
  dns: z.array(z.ipv4()).max(3).default(['192.168.1.1']),
  interfaces: z.record(z.string(), z.object({ ip: z.ipv4().default('0.0.0.0'), bits: z.int().min(0).max(32).default(24), note: z.string().optional() }))
    .default({ lan: { ip: '192.168.1.1', bits: 24 }, dmz: { ip: '192.168.2.1', bits: 24 } }),
  leases: z.array(z.object({ mac: z.string(), ip: z.ipv4() })).default([]),
  wifi: z.object({ psk: z.string().default('').meta({ secret: true }), key: z.string().default('abc').meta({ secret: true, help: 'radio key' }) }).prefault({}),
  uplink: z.discriminatedUnion('mode', [z.object({ mode: z.literal('dhcp') }), z.object({ mode: z.literal('static'), ip: z.ipv4() })]).default({ mode: 'dhcp' }),
  limit: z.union([z.literal('none'), z.int().min(1)]).default('none'),
  name: z.string().nullable().default(null),
});

export function lan(extra: Partial<ConfigSection> = {}): ConfigSection & { applied: unknown[] } {
  const applied: unknown[] = [];
  return { id: 'lan', schema: lanSchema, version: 1, applied, apply: (next) => { applied.push(next); }, ...extra };
}

export const ikeSchema = z.object({ life: z.int().min(60).default(28800), peer: z.string().default('') });
export const ike = (extra: Partial<ConfigSection> = {}): ConfigSection => ({ id: 'vpn.ike', schema: ikeSchema, version: 1, ...extra });
