import { h, press, Said } from '/element/v1.js';

const field = (name, label, help) => h('div', { class: 'field' }, h('label', { for: name }, label), h('input', { class: 'input', id: name, name, inputmode: 'numeric', autocomplete: 'off' }), h('span', { class: 'help' }, help));

/** Makes a CDMA card known to its network: over the air, or by the numbers that the carrier gave. */
export class Activation {
  #said = new Said();
  #overAir = h('button', { type: 'button', class: 'button', onclick: () => this.#send(this.#overAir, { kind: 'ota' }) }, 'Activate over the air');
  #numbers = h('button', { class: 'button' }, 'Activate by numbers');
  #form = h('form', { class: 'row ends', onsubmit: (event) => {
    event.preventDefault();
    const { spc, mdn, min } = Object.fromEntries(new FormData(this.#form));
    this.#send(this.#numbers, { kind: 'manual', spc, mdn, min });
  } }, field('spc', 'Lock code (SPC/MSL)', 'six digits'), field('mdn', 'Phone number (MDN)', 'ten digits'), field('min', 'MIN/MSID', 'ten digits'), this.#numbers);
  #slot = 0;
  element = h('details', { class: 'activation' }, h('summary', {}, 'Activation'), h('div', { class: 'stack' },
    h('p', { class: 'muted small' }, 'A new card has to be made known to its network once. The card must be in reach of it; activation takes some minutes.'),
    h('div', {}, this.#overAir), this.#form, this.#said.element));

  constructor(send) { this.send = send; }

  show({ slot, can }, mayWrite) {
    this.#slot = slot;
    this.element.hidden = !mayWrite || !can.activate;
  }

  #send(button, how) { void press(button, this.#said, () => this.send('activate', { slot: this.#slot, ...how }), 'the card is activated'); }
}
