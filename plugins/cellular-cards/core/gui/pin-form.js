import { h, many, press, Said, sheet } from '/element/v1.js';

const digits = (name, label, length) => h('input', { class: 'input', name, type: 'password', inputmode: 'numeric', autocomplete: 'off', pattern: `[0-9]{${length}}`, required: true, 'aria-label': label });

const fewer = (before, now) => now.attempts < before.attempts || now.pukAttempts < before.pukAttempts;

/** Asks for the PIN, or for PUK and a new PIN. `send(action, input)` rejects in words. */
export class PinForm {
  #said = new Said();
  #pin = digits('pin', 'PIN', '4,8');
  #puk = digits('puk', 'PUK', '8');
  #sure = h('input', { type: 'checkbox' });
  #sureRow = h('label', { class: 'check' }, this.#sure, 'I am certain: one more wrong PIN locks the SIM');
  #button = h('button', { class: 'button primary' });
  #title = h('h3');
  #help = h('p', { class: 'help' });
  #pukLabel = h('label', {}, 'PUK');
  #pukField = h('div', { class: 'field' }, this.#pukLabel, this.#puk);
  #pinLabel = h('label');
  #card;
  element = h('form', { class: 'pin', onsubmit: (event) => this.#submit(event) }, this.#title, this.#help,
    h('div', { class: 'row ends' }, this.#pukField, h('div', { class: 'field' }, this.#pinLabel, this.#pin), this.#button), this.#sureRow, this.#said.element);

  constructor(send, slot) {
    this.send = send;
    // Two cards may want theirs at a time.
    const [pin, puk] = slot === 1 ? ['pin', 'puk'] : [`pin-${slot}`, `puk-${slot}`];
    this.#pin.id = pin;
    this.#puk.id = puk;
    this.#pinLabel.setAttribute('for', pin);
    this.#pukLabel.setAttribute('for', puk);
  }

  show(card, mayWrite) {
    const state = card.pin?.state;
    const locked = state === 'puk';
    const before = this.#card?.pin;
    this.#card = card;
    if (before?.state !== state || before?.attempts !== card.pin?.attempts || before?.pukAttempts !== card.pin?.pukAttempts) {
      this.#pin.value = this.#puk.value = '';
      this.#sure.checked = false;
      this.#said.clear();
      if (before?.state === state && fewer(before, card.pin)) this.#said.wrong('the SIM refused it');
    }
    this.element.hidden = !mayWrite || (state !== 'pin' && !locked);
    if (this.element.hidden) return;
    const left = locked ? card.pin.pukAttempts : card.pin.attempts;
    const attempts = left === undefined ? '' : `${many(left, 'attempt')} left. `;
    this.#title.textContent = locked ? 'The SIM is locked' : 'The SIM wants its PIN';
    this.#help.textContent = locked ? `${attempts}The carrier knows the PUK. A wrong one too often destroys the SIM.` : `${attempts}To have it sent by itself next time, store it in Settings on the Cellular page.`;
    this.#help.classList.toggle('urgent', left !== undefined && left <= 1);
    this.#pukField.hidden = !locked;
    this.#puk.required = locked;
    this.#pinLabel.textContent = locked ? 'New PIN' : 'PIN';
    this.#pin.setAttribute('aria-label', this.#pinLabel.textContent);
    this.#sureRow.hidden = locked || left !== 1;
    this.#sure.required = !this.#sureRow.hidden;
    this.#button.textContent = locked ? 'Unlock' : 'Enter PIN';
  }

  #submit(event) {
    event.preventDefault();
    const { slot, pin } = this.#card;
    const input = pin.state === 'puk' ? { slot, puk: this.#puk.value, pin: this.#pin.value } : { slot, pin: this.#pin.value, sure: this.#sure.checked };
    void press(this.#button, this.#said, () => this.send(pin.state, input), 'sent to the SIM …');
  }
}

export const pinLook = sheet(`
.pin { display: grid; gap: var(--space-2); padding: var(--space-4); border: 1px solid color-mix(in srgb, var(--warn) 40%, transparent); border-radius: var(--radius); background: var(--warn-soft); }
.pin .help { color: var(--text); }
.urgent { font-weight: 600; }
.ends { align-items: end; }
.ends .field { width: 150px; }
`);
