import { type Problem, z } from '../../../sdk/index.ts';
import { bare, isNational } from './numbers.ts';

const number = z.string().max(40).overwrite(bare).refine(n => /^\+?[0-9]{3,20}$/.test(n), 'a number: + and the country code first, as +491701234567');

export const settings = z.object({
  enabled: z.boolean().default(true).meta({ title: 'Enable', help: 'Messages are fetched from the card. Off: the card keeps them.' }),
  remove: z.boolean().default(true).meta({ title: 'Remove from the card', help: 'A message that the router keeps is deleted from the card, whose memory holds a few dozen and takes no new ones when it is full.' }),
  pollSec: z.number().int().min(0).max(86_400).default(60).meta({ title: 'Look every', unit: 's', help: 'For cards that do not tell of a new message; a card that does is asked ten times less often. 0: never.' }),
  perHour: z.number().int().min(1).max(1000).default(60).meta({ title: 'At most', unit: 'messages per hour', help: 'Messages that are sent in all, each part counted: each one costs.' }),
  reports: z.boolean().default(false).meta({ title: 'Delivery reports', help: 'The network tells when a message that was sent has arrived. Some carriers charge for it; CDMA cards have none.' }),
  centre: z.string().regex(/^(\+?[0-9]{3,20})?$/, 'a number, as +491710760000').default('').meta({ title: 'Message centre', help: 'Its number, when the SIM has none or a wrong one; empty: the one of the SIM.' }),
  countryCode: z.string().regex(/^[1-9]?\d{0,2}$/, 'digits, as 49').default('').meta({ title: 'Country code', help: 'Of numbers without one: 49 takes 0170 1234567 for +49 170 1234567.' }),
  commands: z.object({
    enabled: z.boolean().default(false).meta({ title: 'Commands by SMS', help: 'status, signal, budget, connect, disconnect, help. The number a message comes from can be forged: choose a password as well.' }),
    numbers: z.array(number).max(32).default([]).meta({ title: 'Allowed numbers', help: 'Who may send commands. Everybody else gets no answer.' }),
    password: z.string().max(32).regex(/^[\x21-\x7e]*$/, 'no spaces').default('').meta({ title: 'Password', secret: true, help: 'First word of each command; empty: none.' }),
    perHour: z.number().int().min(1).max(60).default(6).meta({ title: 'Commands per hour', help: 'What comes beyond is neither done nor answered.' }),
    maxAgeMin: z.number().int().min(1).max(10_080).default(60).meta({ title: 'Not older than', unit: 'min', help: 'A command that was long on its way is not carried out.' }),
  }).prefault({}).meta({ title: 'Commands' }),
}).meta({ title: 'SMS' });
export type Settings = z.infer<typeof settings>;

export function verify(mine: Settings): Problem[] {
  const { commands, countryCode } = mine;
  if (!commands.enabled) return [];
  if (commands.numbers.length === 0) return [{ path: ['commands', 'numbers'], message: 'commands by SMS need at least one number that may send them' }];
  const lost = commands.numbers.findIndex(n => isNational(n) && countryCode === '');
  return lost < 0 ? [] : [{ path: ['commands', 'numbers', lost], message: 'write the number with + and its country code, or set the country code' }];
}
