// Elements without a library. Text is text: nothing here reads markup, so strangers can write whatever they like.

export function h(tag, set = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(set)) {
    if (value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : String(value));
  }
  element.append(...children.flat().filter((c) => c !== undefined));
  return element;
}

export const say = (line, words, bad = false) => {
  line.textContent = words.charAt(0).toUpperCase() + words.slice(1);
  line.classList.toggle('bad', bad);
  line.hidden = words === '';
};
export const wordsOf = (error) => (error instanceof Error ? error.message : String(error));

/** The text changes only when it is another one: what somebody marks stays marked. */
export const show = (element, text) => { if (element.textContent !== text) element.textContent = text; };
