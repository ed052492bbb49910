/** The test puts another word here before it reloads the plugin. */
const WORD = 'first';

export default class Badge extends HTMLElement {
  set data({ name }) { this.textContent = `${WORD} edition, seen by ${name}`; }
}
