/** Short numbers belong to services of one network. */
const SHORT = 6;

/** Without spaces and what else people write between digits. */
export const bare = (number: string): string => number.replace(/[ ()/.-]/g, '');

/**
 * The forms in which a network may show a number, as one: '+4917012345' for '004917012345', and with a country code for '017012345' and '17012345',
 * too. `country`: digits, or ''. Letters, and services of few digits, are none of anybody's.
 */
export function forms(number: string, country: string): readonly string[] {
  const n = bare(number);
  if (/^\+\d{3,}$/.test(n)) return [n];
  if (/^00\d{5,}$/.test(n)) return [`+${n.slice(2)}`];
  if (!/^\d+$/.test(n)) return [];
  if (n.length <= SHORT || country === '') return [n];
  // In North America the country code is what is dialled before a long distance.
  if (country === '1') return [n, n.length === 11 && n.startsWith('1') ? `+${n}` : `+1${n}`];
  return [n, `+${country}${n.replace(/^0/, '')}`];
}

/** Both are the same number. */
export const same = (a: string, b: string, country: string): boolean => {
  const other = forms(b, country);
  return forms(a, country).some(f => other.includes(f));
};

/** Nobody can say which country it is in. */
export const isNational = (number: string): boolean => { const n = bare(number); return /^\d+$/.test(n) && !n.startsWith('00') && n.length > SHORT; };
