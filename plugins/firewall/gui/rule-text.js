// What a rule says, in words.

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const NAMES = { mon: 'Monday', tue: 'Tuesday', wed: 'Wednesday', thu: 'Thursday', fri: 'Friday', sat: 'Saturday', sun: 'Sunday' };

export const days = DAYS.map((id) => ({ id, name: NAMES[id] }));

export const sideText = (list, negate) => (list.length === 0 ? 'any' : `${negate ? 'not ' : ''}${list.join(', ')}`);

export const serviceText = (list) => list.join(', ') || 'any';

/** 'Mon–Fri 08:00–17:30' */
export function scheduleText(schedule) {
  if (schedule === undefined) return 'always';
  const short = (id) => id[0].toUpperCase() + id.slice(1);
  const on = DAYS.filter((d) => schedule.days.includes(d));
  const runs = on.length > 2 && DAYS.indexOf(on.at(-1)) - DAYS.indexOf(on[0]) === on.length - 1;
  const when = on.length === 7 ? 'daily' : runs ? `${short(on[0])}–${short(on.at(-1))}` : on.map(short).join(', ');
  return schedule.from === '00:00' && schedule.to === '24:00' ? when : `${when} ${schedule.from}–${schedule.to}`;
}

/** What a person calls it: "rule 3 ‘web’". */
export const ruleName = ({ number, rule }) => `rule ${number}${rule.name === '' ? '' : ` ‘${rule.name}’`}`;
