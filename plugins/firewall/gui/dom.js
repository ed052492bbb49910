// Elements without a library. Text is text: nothing here reads markup, so names of rules can hold whatever they like.

const SVG = 'http://www.w3.org/2000/svg';

/** Line drawings on a grid of 20, one stroke wide, like those of the console. */
const shapes = {
  permit: 'M4.5 10.5 8 14l7.5-8', drop: 'm5.5 5.5 9 9M14.5 5.5l-9 9', reject: 'M4.5 8.5h7a4 4 0 0 1 0 8H8M7.5 5 4 8.5 7.5 12',
  edit: 'm4 16 .8-3.4 8.3-8.3a1.4 1.4 0 0 1 2 0l.6.6a1.4 1.4 0 0 1 0 2L7.4 15.2z', plus: 'M10 4.5v11M4.5 10h11', close: 'm5.5 5.5 9 9M14.5 5.5l-9 9',
  alert: 'M10 3.5 17.5 16.5h-15zM10 8.5v3.5M10 14v.3', info: 'M10 3.2a6.8 6.8 0 1 0 0 13.6 6.8 6.8 0 0 0 0-13.6M10 9.2v4.3M10 6.5v.3', log: 'M5 3.5h10v13H5zM7.5 7h5M7.5 10h5M7.5 13h3',
  grip: 'M7.5 5.5h.01M12.5 5.5h.01M7.5 10h.01M12.5 10h.01M7.5 14.5h.01M12.5 14.5h.01', more: 'M5 10h.01M10 10h.01M15 10h.01', search: 'M9 4.2a4.8 4.8 0 1 0 0 9.6 4.8 4.8 0 0 0 0-9.6m3.6 8.4 4 4',
  before: 'M4 16h12M10 13V5M6.5 8 10 4.5 13.5 8', after: 'M4 4h12M10 7v8M6.5 12l3.5 3.5 3.5-3.5', copy: 'M7.5 7.5h9v9h-9zM12.5 7.5v-4h-9v9h4', trash: 'M4 5.5h12M8 5.5v-2h4v2M5.5 5.5l.7 11h7.6l.7-11M8.5 8.5v5M11.5 8.5v5',
  move: 'M10 3.5v13M6.5 7 10 3.5 13.5 7M6.5 13l3.5 3.5 3.5-3.5', arrow: 'M4 10h11M11 5.5l4.5 4.5-4.5 4.5', clock: 'M10 3.2a6.8 6.8 0 1 0 0 13.6 6.8 6.8 0 0 0 0-13.6M10 6.5V10l2.5 1.5',
};

/** Decorative: whoever uses it says the same in words. */
export function icon(name, size = 18) {
  const svg = document.createElementNS(SVG, 'svg');
  const dots = name === 'grip' || name === 'more';
  const set = { width: size, height: size, viewBox: '0 0 20 20', fill: 'none', stroke: 'currentColor', 'stroke-width': dots ? 2.4 : 1.5, 'stroke-linecap': 'round', 'stroke-linejoin': 'round', 'aria-hidden': 'true' };
  for (const [key, value] of Object.entries(set)) svg.setAttribute(key, value);
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', shapes[name]);
  svg.append(path);
  return svg;
}

/**
 * An element: `h('button', { class: 'button', onclick: … }, 'Save')`. Functions listen, true and false are attributes that are there or not,
 * `value` and `checked` are properties; undefined is left out. Children are nodes, text, or lists of them.
 */
export function h(tag, set = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(set)) {
    if (value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(key.slice(2), value);
    else if (key === 'value' || key === 'checked') element[key] = value;
    else element.setAttribute(key, value === true ? '' : String(value));
  }
  element.append(...children.flat(9).filter((c) => c !== undefined && c !== null && c !== false));
  return element;
}

/** A button with a drawing and no words; `label` says what it does. */
export const iconButton = (name, label, onclick, set = {}) => h('button', { type: 'button', class: 'plain icon', 'aria-label': label, title: label, onclick, ...set }, icon(name, 16));

const figures = new Intl.NumberFormat('en');
export const inNumbers = (n) => figures.format(n);
export const many = (n, one) => `${inNumbers(n)} ${n === 1 ? one : `${one}s`}`;

/** An action in a word, a drawing and a colour. */
export const badge = (action) => h('span', { class: `badge ${action}` }, icon(action, 14), action);

/** From one zone to another, for people. */
export const wayText = (from, to) => `${from} → ${to}`;
