import type { Cellular, CardStatus } from '../contract.ts';
import type { SmsCommand } from './contract.ts';

/** Words that can be sent by SMS: our own, and those that other plugins add. */
export function builtIn(cellular: Cellular, others: () => readonly SmsCommand[]): readonly SmsCommand[] {
  const of = (slot: number): CardStatus | undefined => cellular.list().find(s => s.slot === slot);
  const own: readonly SmsCommand[] = [
    { word: 'status', help: 'state of the connection', run: slot => status(of(slot)) },
    { word: 'signal', help: 'signal and network', run: slot => signal(of(slot)) },
    { word: 'connect', help: 'makes the connection', run: slot => { cellular.connect(slot); return 'connecting'; } },
    { word: 'disconnect', help: 'ends the connection until connect', run: slot => { cellular.disconnect(slot, 'by SMS'); return 'disconnected; send connect to allow it again'; } },
  ];
  const words = [...own, ...others().filter(o => !own.some(c => c.word === o.word))];
  const help: SmsCommand = { word: 'help', help: 'the words that can be sent', run: () => [...words.map(c => c.word), 'help'].join(', ') };
  return [...words, help];
}

function status(s: CardStatus | undefined): string {
  if (s === undefined) return 'no card';
  const megabytes = (s.rxBytes + s.txBytes) / 1e6;
  return [s.phase, s.words, s.connectedAt === undefined ? '' : `${megabytes.toFixed(1)} MB since ${new Date(s.connectedAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`, signal(s)].filter(w => w !== '').join('; ');
}

function signal(s: CardStatus | undefined): string {
  const [level, network] = [s?.signal?.value, s?.registration];
  const told = level === undefined ? 'signal not known' : `signal ${level.bars} of 5${level.dbm === undefined ? '' : ` (${level.dbm} dBm)`}${s!.signal!.stale ? ', some time ago' : ''}`;
  return [told, s?.technology?.value ?? '', network?.carrier ?? network?.network ?? '', network?.state === 'roaming' ? 'roaming' : ''].filter(w => w !== '').join(', ');
}
