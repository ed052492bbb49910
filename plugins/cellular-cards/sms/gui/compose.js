// Writes a message. Its text goes to the router as it is; how many messages it makes is shown while typing.

const BASIC = new Set('@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà');
const EXTENDED = new Set('\f^{}\\[~]|€');

const look = new CSSStyleSheet();
look.replaceSync(`
*, *::before, *::after { box-sizing: border-box; }
:host { display: block; min-width: 0; }
[hidden] { display: none !important; }
form { display: grid; gap: var(--space-3); padding: var(--space-4); border: 1px solid var(--line); border-radius: var(--radius-l); background: var(--surface); box-shadow: var(--shadow); }
h2, p { margin: 0; }
h2 { font-size: var(--size); font-weight: 620; }
label { display: grid; gap: 5px; font-weight: 560; }
input, textarea, select, button { font: inherit; color: inherit; }
input, textarea, select { width: 100%; min-height: var(--control); padding: 6px 10px; border: 1px solid var(--line-strong); border-radius: var(--radius); background: light-dark(#fff, #10161a); }
textarea { min-height: 5.5em; resize: vertical; }
.row { display: flex; align-items: center; gap: var(--space-3); flex-wrap: wrap; }
.grow { flex: 1; min-width: 0; }
button { min-height: var(--control); padding: 0 14px; border: 1px solid var(--accent); border-radius: var(--radius); background: var(--accent); color: var(--on-accent); font-weight: 550; cursor: pointer; }
button:disabled { opacity: 0.5; cursor: not-allowed; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.muted { color: var(--muted); font-size: var(--size-s); overflow-wrap: anywhere; }
.bad { color: var(--bad); }
`);

const made = (tag, set = {}, ...children) => {
  const element = document.createElement(tag);
  Object.assign(element, set);
  element.append(...children);
  return element;
};

/** Messages that a text makes, as the router splits it. */
export function messagesOf(text) {
  let septets = 0;
  for (const c of text) {
    if (BASIC.has(c)) septets++;
    else if (EXTENDED.has(c)) septets += 2;
    else return text.length <= 70 ? 1 : Math.ceil(text.length / 67);
  }
  return septets <= 160 ? 1 : Math.ceil(septets / 153);
}

export default class Compose extends HTMLElement {
  /** Set by the console. */
  act;
  mayWrite = true;
  #to = made('input', { type: 'tel', required: true, maxLength: 40, placeholder: '+15551234567', autocomplete: 'off' });
  #text = made('textarea', { required: true, maxLength: 2000, oninput: () => this.#count() });
  #slot = made('select', {});
  #slotField = made('label', { hidden: true }, 'Card', this.#slot);
  #parts = made('span', { className: 'muted grow' });
  #send = made('button', {}, 'Send');
  #said = made('p', { className: 'muted', role: 'status', hidden: true });
  #why = made('p', { className: 'muted', hidden: true });
  #form = made('form', { onsubmit: (event) => this.#submit(event) }, made('h2', {}, 'New message'), this.#why, this.#slotField, made('label', {}, 'To', this.#to), made('label', {}, 'Text', this.#text),
    made('div', { className: 'row' }, this.#parts, this.#send), this.#said);

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [look];
    root.append(this.#form);
  }

  set data({ slots }) {
    this.#form.hidden = !this.mayWrite;
    this.#send.disabled = slots.length === 0;
    this.#slotField.hidden = slots.length < 2;
    const chosen = this.#slot.value;
    this.#slot.replaceChildren(...slots.map(({ slot }) => made('option', { value: String(slot) }, `Slot ${slot}`)));
    if (slots.some(({ slot }) => String(slot) === chosen)) this.#slot.value = chosen;
    const whys = slots.filter(({ why }) => why !== '').map(({ slot, why }) => `Slot ${slot}: ${why}.`);
    this.#why.textContent = slots.length === 0 ? 'There is no card that could send.' : whys.join(' ');
    this.#why.hidden = this.#why.textContent === '';
  }

  #count() {
    const n = messagesOf(this.#text.value);
    this.#parts.textContent = this.#text.value === '' || n === 1 ? '' : `Goes as ${n} messages; the carrier counts each.`;
  }

  async #submit(event) {
    event.preventDefault();
    this.#send.disabled = true;
    this.#said.hidden = true;
    try {
      await this.act('send', { to: this.#to.value.trim(), text: this.#text.value, ...(this.#slot.value === '' ? {} : { slot: Number(this.#slot.value) }) });
      this.#say('Sent.', false);
      this.#text.value = '';
      this.#count();
    } catch (error) {
      this.#say(error instanceof Error ? error.message : String(error), true);
    } finally {
      this.#send.disabled = false;
    }
  }

  #say(words, bad) {
    this.#said.textContent = words;
    this.#said.className = bad ? 'bad' : 'muted';
    this.#said.hidden = false;
  }
}
