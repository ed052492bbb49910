import { h } from '/element/v1.js';
import { say, wordsOf } from './dom.js';
import { counted } from './letters.js';

/** The form of a new message. Its text goes to the router as it is; what it costs is shown while typing. */
export class Compose {
  #to = h('input', { class: 'input', id: 'to', type: 'tel', required: true, maxlength: 40, placeholder: '+15551234567', autocomplete: 'off' });
  #text = h('textarea', { id: 'text', required: true, maxlength: 2000, 'aria-describedby': 'count', oninput: () => this.#count() });
  #slot = h('select', { class: 'select', id: 'slot', onchange: () => this.#count() });
  #slotField = h('label', { hidden: true }, 'Card', this.#slot);
  #counted = h('p', { id: 'count', class: 'muted' });
  #send = h('button', { class: 'button primary', type: 'submit' }, 'Send');
  #said = h('p', { class: 'muted', role: 'status', hidden: true });
  element = h('section', { class: 'card', 'aria-labelledby': 'compose-title' }, h('div', { class: 'card-head' }, h('h2', { id: 'compose-title' }, 'New message')),
    h('form', { class: 'card-body', onsubmit: (event) => this.#submit(event) }, this.#slotField, h('label', {}, 'To', this.#to), h('label', {}, 'Text', this.#text), this.#counted,
      h('div', { class: 'row' }, this.#said, h('span', { class: 'grow' }), this.#send)));
  #act;
  #slots = [];
  #busy = false;

  constructor(act) {
    this.#act = act;
    this.#count();
  }

  show(slots) {
    this.#slots = slots;
    this.#slotField.hidden = slots.length < 2;
    const chosen = this.#slot.value;
    if (this.#slot.options.length !== slots.length || slots.some(({ slot }, i) => this.#slot.options[i].value !== String(slot))) {
      this.#slot.replaceChildren(...slots.map(({ slot }) => h('option', { value: slot }, `Slot ${slot}`)));
      if (slots.some(({ slot }) => String(slot) === chosen)) this.#slot.value = chosen;
    }
    this.#count();
  }

  /** Answers somebody. */
  to(number) {
    this.#to.value = number;
    this.focus(this.#text);
  }

  focus(field = this.#to) {
    this.element.scrollIntoView({ block: 'nearest' });
    field.focus();
  }

  #count() {
    const letters = this.#slots.find(({ slot }) => String(slot) === this.#slot.value)?.letters ?? this.#slots[0]?.letters ?? 'all';
    const { words, bad } = counted(this.#text.value, letters);
    say(this.#counted, this.#slots.length === 0 ? 'There is no card that could send.' : words, bad);
    this.#text.setAttribute('aria-invalid', String(bad));
    this.#send.disabled = this.#busy || bad || this.#slots.length === 0;
  }

  async #submit(event) {
    event.preventDefault();
    this.#busy = true;
    say(this.#said, '');
    this.#count();
    try {
      await this.#act('send', { to: this.#to.value.trim(), text: this.#text.value, ...(this.#slot.value === '' ? {} : { slot: Number(this.#slot.value) }) });
      this.#text.value = '';
      say(this.#said, 'Sent');
    } catch (error) {
      say(this.#said, wordsOf(error), true);
    } finally {
      this.#busy = false;
      this.#count();
    }
  }
}
