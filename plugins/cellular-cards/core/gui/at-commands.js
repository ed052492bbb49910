import { controls, h, note, press, redraw, Said, sheet } from '/element/v1.js';

const MOST_LINES = 500;

/** AT commands to a card, for people who know what they do, and what router and card have said to each other. */
export default class AtCommands extends HTMLElement {
  /** Set by the console. */
  act;
  mayWrite = true;
  #slots = h('select', { class: 'select', id: 'slot' });
  #slotField = h('div', { class: 'field' }, h('label', { for: 'slot' }, 'Card'), this.#slots);
  #line = h('input', { class: 'input mono', id: 'line', placeholder: 'AT+CSQ', autocomplete: 'off', autocapitalize: 'characters', spellcheck: 'false', maxlength: 512, required: true, onkeydown: (event) => this.#recall(event) });
  #send = h('button', { class: 'button primary' }, 'Send');
  #said = new Said();
  #answers = h('pre', { class: 'lines', tabindex: 0, 'aria-label': 'Answers', 'aria-live': 'polite', hidden: true });
  #form = h('form', { class: 'row ends', onsubmit: (event) => this.#submit(event) }, this.#slotField, h('div', { class: 'field grow' }, h('label', { for: 'line' }, 'AT command'), this.#line), this.#send);
  #none = h('p', { class: 'muted' }, 'No card is there to take commands.');
  #viewer = h('p', { class: 'muted', hidden: true }, 'Your account may look only; commands are for those who may change things.');
  #log = h('pre', { class: 'lines', tabindex: 0, 'aria-label': 'Conversation with the card', hidden: true });
  #show = h('button', { type: 'button', class: 'button', onclick: () => this.#conversation() }, 'Show');
  #logSaid = new Said();
  #body = h('div', { class: 'stack' });
  #sent = [];
  #at = 0;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [controls, look];
    root.append(h('div', { class: 'stack' },
      note('warn', 'Commands go to the card as they are. A wrong one can lock the SIM or make the card unusable for good. What a command changes lasts until the card is inserted again, or longer.'),
      this.#viewer, this.#body));
    this.#body.append(
      h('section', { class: 'card', 'aria-labelledby': 'at-title' }, h('div', { class: 'card-head' }, h('h2', { id: 'at-title' }, 'AT commands')), h('div', { class: 'card-body' }, this.#none, this.#form, this.#said.element, this.#answers)),
      h('section', { class: 'card', 'aria-labelledby': 'log-title' }, h('div', { class: 'card-head' }, h('h2', { id: 'log-title', class: 'grow' }, 'What router and card said to each other'), this.#show),
        h('div', { class: 'card-body' }, h('p', { class: 'muted small' }, 'PINs and passwords are left out. Numbers of card and SIM are in it: mind to whom you give it.'), this.#logSaid.element, this.#log)));
  }

  set data({ slots }) {
    this.#viewer.hidden = this.mayWrite;
    this.#body.hidden = !this.mayWrite;
    this.#none.hidden = slots.length > 0;
    this.#form.hidden = slots.length === 0;
    this.#show.disabled = slots.length === 0;
    this.#slotField.hidden = slots.length < 2;
    const chosen = this.#slots.value;
    redraw(this.#slots, JSON.stringify(slots), () => slots.map(({ slot, title }) => h('option', { value: slot }, `${slot}: ${title}`)));
    if (slots.some((s) => String(s.slot) === chosen)) this.#slots.value = chosen;
  }

  #submit(event) {
    event.preventDefault();
    const line = this.#line.value.trim();
    void press(this.#send, this.#said, async () => {
      if (this.#sent.at(-1) !== line) this.#sent.push(line);
      this.#at = this.#sent.length;
      const [answer] = await this.act('at', { slot: Number(this.#slots.value), line });
      this.#add(`> ${line}\n${answer?.text ?? ''}`);
      this.#line.value = '';
    });
  }

  #add(text) {
    this.#answers.hidden = false;
    this.#answers.textContent = `${this.#answers.textContent}${this.#answers.textContent ? '\n' : ''}${text}`.split('\n').slice(-MOST_LINES).join('\n');
    this.#answers.scrollTop = this.#answers.scrollHeight;
  }

  /** Arrow keys bring back what was sent before. */
  #recall(event) {
    const step = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
    if (step === 0 || this.#sent.length === 0) return;
    event.preventDefault();
    this.#at = Math.max(0, Math.min(this.#sent.length, this.#at + step));
    this.#line.value = this.#sent[this.#at] ?? '';
  }

  #conversation() {
    void press(this.#show, this.#logSaid, async () => {
      const [answer] = await this.act('conversation', { slot: Number(this.#slots.value) });
      this.#log.hidden = false;
      this.#log.textContent = answer?.text || 'Nothing yet.';
      this.#log.scrollTop = this.#log.scrollHeight;
      this.#show.textContent = 'Show again';
    });
  }
}

const look = sheet(`
.ends { align-items: end; }
.lines { max-height: 52vh; overflow: auto; padding: var(--space-3); border: 1px solid var(--line); border-radius: var(--radius); background: var(--sunken); font: 0.8125rem/1.55 var(--mono); white-space: pre-wrap; overflow-wrap: anywhere; }
`);
