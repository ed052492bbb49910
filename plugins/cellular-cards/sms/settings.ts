import { type Problem, z } from '../../../sdk/index.ts';

const number = z.string().regex(/^\+?[0-9]{3,20}$/, 'a number as the network shows it: + and the country code first, no spaces');

export const settings = z.object({
  enabled: z.boolean().default(true).meta({ title: 'Enable', help: 'Messages are fetched from the card. Off: the card keeps them.' }),
  remove: z.boolean().default(true).meta({ title: 'Remove from the card', help: 'A message that the router keeps is deleted from the card, whose memory holds a few dozen and takes no new ones when it is full.' }),
  pollSec: z.number().int().min(0).max(86_400).default(60).meta({ title: 'Look every', unit: 's', help: 'For cards that do not tell of a new message; a card that does is asked ten times less often. 0: never.' }),
  perHour: z.number().int().min(1).max(1000).default(60).meta({ title: 'At most', unit: 'messages per hour', help: 'Messages that are sent in all, each part counted: each one costs.' }),
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
  return mine.commands.enabled && mine.commands.numbers.length === 0
    ? [{ path: ['commands', 'numbers'], message: 'commands by SMS need at least one number that may send them' }]
    : [];
}
