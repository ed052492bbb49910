import { capital } from '/element/v1.js';

export const say = (line, words, bad = false) => {
  line.textContent = capital(words);
  line.classList.toggle('bad', bad);
  line.hidden = words === '';
};
export const wordsOf = (error) => (error instanceof Error ? error.message : String(error));

/** The text changes only when it is another one: what somebody marks stays marked. */
export const show = (element, text) => { if (element.textContent !== text) element.textContent = text; };
