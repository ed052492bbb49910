import { readFileSync, writeFileSync } from 'node:fs';
import { type Args, CliError, type CommandSpec, type Disposable, type Table, z } from '../../sdk/index.ts';
import { format4 } from '../../sdk/wire/address.ts';
import { faults, type SimulatedCard } from './card.ts';
import { cardFromLog } from './card-from-log.ts';
import type { LabCards } from './lab-cards.ts';

type Register = <A extends Args>(spec: CommandSpec<A>) => Disposable;

/** What the lab throws is for the person at the console. */
function said<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new CliError(error instanceof Error ? error.message : String(error));
  }
}

/** `lab card …`: puts cards in and pulls them out, and plays with what is around them. */
export function cardVerbs(cards: LabCards, command: Register): Disposable[] {
  const { carrier, rack, shelf } = cards;
  const n = z.coerce.number().int().min(1).max(rack.slots.length).optional();
  const slot = { schema: n, help: `1-${rack.slots.length}; default: the first one with a card`, complete: () => rack.slots.map(String) };
  const card = (at: number | undefined): SimulatedCard => said(() => rack.card(at));
  return [
    command({
      path: 'lab card insert', help: 'puts a simulated card into a slot: lab card insert ac881',
      args: {
        model: { schema: z.string(), help: 'a model of "lab card models", or a card file', complete: () => shelf.models() },
        slot: { ...slot, help: 'default: the first free one' },
        mode: { schema: z.enum(['modem', 'storage']).optional(), help: 'storage: as the disk that some cards show first' },
      },
      run: ({ model, slot: at, mode }) => {
        const file = said(() => shelf.card(model));
        return `${file.title} is in slot ${said(() => rack.insert(file, at, mode === 'storage'))}`;
      },
    }),
    command({ path: 'lab card remove', help: 'pulls a card out', args: { slot }, run: ({ slot: at }) => `${said(() => rack.remove(at))} is out` }),
    command({ path: 'lab card list', help: 'slots, cards, and how they are', access: 'read', run: () => slotTable(cards) }),
    command({ path: 'lab card models', help: 'the cards there are', access: 'read', run: () => modelTable(cards) }),
    command({
      path: 'lab card signal', help: 'how strong the card hears the network: lab card signal -97; auto: as the towers have it',
      args: { dbm: { schema: z.union([z.literal('auto'), z.coerce.number().int().min(-130).max(-40)]), help: 'dBm from -130 to -40, or auto; below -113 nothing is heard', complete: () => ['auto', '-65', '-85', '-97', '-105', '-120'] }, slot },
      run: ({ dbm, slot: at }) => {
        const c = card(at);
        c.dbm = dbm === 'auto' ? undefined : dbm;
        c.airChanged();
        return { facts: serviceFacts(c) };
      },
    }),
    command({
      path: 'lab card drop', help: 'the radio loses the call of a card', args: { slot },
      run: ({ slot: at }) => {
        const c = card(at);
        const call = [...carrier.calls].find(x => x.caller === c.name);
        if (!call) throw new CliError(`the ${c.file.model} has no call`);
        call.drop('somebody dropped it');
        return `the call of the ${c.file.model} is gone`;
      },
    }),
    command({
      path: 'lab card pin', help: 'locks the SIM of a slot with a PIN, from the next insertion on: lab card pin 1234; off: no PIN. PUK: 12345678',
      args: { pin: { schema: z.string().regex(/^(off|\d{4,8})$/, '4 to 8 digits, or off'), help: '4 to 8 digits, or off', complete: () => ['off', '1234'] }, slot },
      run: ({ pin, slot: at }) => {
        const sim = rack.sim(at ?? rack.cards()[0]?.slotNumber ?? 1);
        sim.renew(pin === 'off' ? undefined : pin);
        return { facts: { locked: sim.locked ? 'yes' : 'no', 'PIN attempts left': sim.pinLeft, 'PUK attempts left': sim.pukLeft, ICCID: sim.iccid, number: sim.number } };
      },
    }),
    command({
      path: 'lab card apn', help: 'the access points of the carrier; with a name: sets one up, with its log-in',
      args: {
        name: { schema: z.string().regex(/^[a-z0-9._-]{1,60}$/i, 'letters, digits, points and hyphens').optional(), help: 'its name', complete: () => [...carrier.apns.keys()] },
        auth: { schema: z.enum(['none', 'pap', 'chap', 'remove']).optional(), help: 'how cards log in; remove: it is no more' },
        user: { schema: z.string().max(60).optional(), help: 'user name' },
        password: { schema: z.string().max(60).optional(), help: 'password' },
      },
      run: ({ name, auth = 'none', user = '', password = '' }): Table => {
        if (name !== undefined && auth === 'remove') carrier.apns.delete(name.toLowerCase());
        else if (name !== undefined && auth !== 'remove') carrier.setApn({ name, auth, user, password });
        return { columns: ['APN', 'log-in', 'user', 'password'], rows: [...carrier.apns.values()].map(a => [a.name, a.auth, a.user, a.password]) };
      },
    }),
    command({
      path: 'lab card network', help: 'what the carrier does: lab card network roaming; without a word: how it is',
      args: { how: { schema: z.enum(['home', 'roaming', 'denied', 'barred', 'open', 'busy', 'no-carrier', 'away', 'back']).optional(), help: 'home, roaming, denied, barred: who the cards are to it; open, busy, no-carrier: whether it takes calls; away, back: its towers' } },
      run: ({ how }) => {
        if (how === 'home' || how === 'roaming' || how === 'denied' || how === 'barred') Object.assign(carrier, { roaming: how === 'roaming', denied: how === 'denied', barred: how === 'barred' });
        if (how === 'open' || how === 'busy' || how === 'no-carrier') carrier.refusing = { open: undefined, busy: 'BUSY', 'no-carrier': 'NO CARRIER' }[how];
        if (how === 'away') carrier.air.fixed = -130;
        if (how === 'back') carrier.air.fixed = undefined;
        rack.airChanged();
        return { facts: { network: carrier.denied ? 'lets nobody in' : carrier.barred ? 'bars the accounts' : carrier.roaming ? 'a foreign one' : 'home', towers: carrier.air.fixed === undefined ? 'there' : 'away', calls: carrier.refusing ?? 'taken', now: carrier.calls.size, 'so far': carrier.taken, refused: carrier.refused } };
      },
    }),
    command({
      path: 'lab card sms', help: 'sends a message to the card: lab card sms hello; without a text: what cards have sent',
      args: { text: { schema: z.string().max(2000).optional(), help: 'the text', rest: true } },
      run: ({ text }) => {
        if (text === undefined || text === '') return { columns: ['from', 'to', 'text'], rows: carrier.messages.sent.map(m => [m.from, m.to, m.text]) };
        const to = rack.cards()[0]?.number;
        if (to === undefined) throw new CliError('no card is in');
        carrier.messages.deliver({ from: '+15550009000', to, text });
        const waiting = carrier.messages.waiting(to);
        return waiting === 0 ? `sent to ${to}` : `${waiting} wait for ${to}`;
      },
    }),
    command({
      path: 'lab card fault', help: 'makes a card faulty: lab card fault silent; none: it works again; crash: it falls off the bus and comes back',
      args: { kind: { schema: z.enum([...faults, 'crash']), help: `${faults.join(', ')}, crash` }, slot },
      run: ({ kind, slot: at }) => {
        const c = card(at);
        if (kind === 'crash') c.restart('somebody made it crash');
        else c.fault = kind;
        return kind === 'none' ? `the ${c.file.model} works` : `the ${c.file.model}: ${kind}`;
      },
    }),
    command({
      path: 'lab card import', help: "makes a card of a modem's log, a file on this machine: lab card import modem.log; writes modem.log.card.json",
      args: { log: { schema: z.string(), help: 'commands and their answers, as a terminal or a program wrote them down' }, name: { schema: z.string().max(40).optional(), help: 'model name; default: what the card says' } },
      run: ({ log, name }) => said(() => {
        const part = cardFromLog(readFileSync(log, 'utf8'), name);
        const json = `${JSON.stringify(part, undefined, 2)}\n`;
        const file = `${log}.card.json`;
        const key = shelf.add(shelf.read(file, json));
        writeFileSync(file, json, { mode: 0o600 });
        return `${part.answers?.length ?? 0} answers in ${file}; "lab card insert ${key}" puts it in`;
      }),
    }),
  ];
}

const serviceFacts = (c: SimulatedCard): Record<string, string | number | null> => {
  const { stat, technology, cell } = c.service();
  return { card: c.file.model, network: ['not registered', 'home', 'searching', 'denied', '', 'roaming'][stat]!, technology: technology || null, dBm: cell?.dbm ?? null, online: c.online ? 'yes' : 'no' };
};

function slotTable({ rack, carrier }: LabCards): Table {
  return {
    columns: ['slot', 'card', 'is', 'network', 'technology', 'dBm', 'address', 'bytes in', 'bytes out', 'number'],
    rows: rack.slots.map(slot => {
      const file = rack.file(slot);
      const card = rack.cards().find(c => c.slotNumber === slot);
      const number = file?.system === 'cdma' ? file.facts['mdn'] ?? null : rack.sim(slot).number;
      if (!file || !card) return [slot, file?.title ?? null, file === undefined ? 'empty' : rack.device(slot) ? 'storage' : 'away', null, null, null, null, null, null, number];
      const f = serviceFacts(card);
      const call = [...carrier.calls].find(x => x.caller === card.name);
      return [slot, file.title, card.fault === 'none' ? card.online ? 'online' : 'there' : card.fault, f['network']!, f['technology']!, f['dBm']!, call?.up ? format4(call.address) : null, call?.rxBytes ?? null, call?.txBytes ?? null, number];
    }),
  };
}

function modelTable({ shelf }: LabCards): Table {
  return {
    columns: ['model', 'card', 'technologies', 'ports', 'storage'],
    rows: shelf.models().map(m => {
      const c = shelf.card(m);
      return [m, c.title, c.technologies.join(' '), c.ports.map(p => p.role).join(' '), c.storage ? 'yes' : null];
    }),
  };
}
