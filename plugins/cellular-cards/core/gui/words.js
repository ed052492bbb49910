// Numbers and times as people read them.

/** '12 s', '5 min', '3 h 20 min', '2 d 4 h': the two largest steps. */
export function span(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const steps = [[Math.floor(s / 86_400), 'd'], [Math.floor(s / 3600) % 24, 'h'], [Math.floor(s / 60) % 60, 'min'], [s % 60, 's']];
  const first = steps.findIndex(([n]) => n > 0);
  return first < 0 ? '0 s' : steps.slice(first, first + 2).filter(([n]) => n > 0).map(([n, unit]) => `${n} ${unit}`).join(' ');
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
export function octets(n) {
  let step = 0;
  let size = n;
  while (size >= 1023.5 && step < units.length - 1) {
    size /= 1024;
    step++;
  }
  return `${step === 0 ? size : size.toFixed(size >= 100 ? 0 : 1)} ${units[step]}`;
}

/** A real minus, as in figures. */
export const decibel = (n, unit) => `${String(n).replace('-', '−')} ${unit}`;

const day = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
export const dayOf = (ms) => day.format(ms);
export const timeOf = (ms) => clock.format(ms);
