// Elements without a library. Text is text: nothing here reads markup, so operators and cards can call themselves whatever they like.

const SVG = 'http://www.w3.org/2000/svg';

/** Line drawings on a grid of 20, one stroke wide, like those of the console. */
const shapes = {
  alert: 'M10 3.5 17.5 16.5h-15zM10 8.5v3.5M10 14v.3', card: 'M3.5 5.5h13v9h-13zM3.5 8.5h13M6 12h3', pin: 'M6.5 9V6.5a3.5 3.5 0 0 1 7 0V9M5 9h10v7.5H5z', network: 'M10 17V9M6.5 12.5a5 5 0 1 1 7 0M4 15a8.5 8.5 0 1 1 12 0',
  call: 'M4 10h11M11 5.5l4.5 4.5-4.5 4.5', recovery: 'M15.5 8A6 6 0 1 0 16 11M15.8 4v4.2h-4.2', sms: 'M3.5 5h13v9H9l-3.5 3v-3h-2z', budget: 'M10 3.5a6.5 6.5 0 1 0 6.5 6.5H10z', user: 'M10 4a3 3 0 1 0 0 6 3 3 0 0 0 0-6M4.5 16.5a5.5 5.5 0 0 1 11 0',
};

export function svg(tag, set, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(set)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** Decorative: whoever uses it says the same in words. */
export const icon = (name, size = 18) => svg('svg', { width: size, height: size, viewBox: '0 0 20 20', fill: 'none', stroke: 'currentColor', 'stroke-width': 1.5, 'stroke-linecap': 'round', 'stroke-linejoin': 'round', 'aria-hidden': 'true' }, svg('path', { d: shapes[name] ?? shapes.card }));

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

/** Replaces the children only when `key` is another one, so that what has the focus keeps it. */
export function redraw(element, key, children) {
  if (element.drawnFor === key) return;
  element.drawnFor = key;
  element.replaceChildren(...[children()].flat(9).filter((c) => c !== undefined && c !== null && c !== false));
}

const alert = () => icon('alert');
export const note = (kind, ...words) => h('p', { class: `note ${kind}` }, alert(), h('span', {}, ...words));

/** A line for what an action came to; errors are read out at once. */
export class Said {
  element = h('p', { class: 'said', role: 'status', hidden: true });
  clear() { this.element.hidden = true; }
  well(words) { this.#show('said', words); }
  wrong(error) { this.#show('said bad', error instanceof Error ? error.message : String(error)); }
  #show(kind, words) {
    this.element.className = kind;
    this.element.textContent = words.charAt(0).toUpperCase() + words.slice(1);
    this.element.hidden = false;
  }
}

/** Runs an action with its button locked; true when it succeeded. */
export async function press(button, said, work, done) {
  button.disabled = true;
  said.clear();
  try {
    await work();
    if (done) said.well(done);
    return true;
  } catch (error) {
    said.wrong(error);
    return false;
  } finally {
    button.disabled = false;
  }
}
