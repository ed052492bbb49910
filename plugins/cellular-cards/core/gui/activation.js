import { h, press, Said } from '/element/v1.js';

const field = (slot, name, label, help) => h('div', { class: 'field' }, h('label', { for: `${name}-${slot}` }, label), h('input', { class: 'input', id: `${name}-${slot}`, name, inputmode: 'numeric', autocomplete: 'off' }), h('span', { class: 'help' }, help));

/** Makes a CDMA card known to its network: over the air, or by the numbers that the carrier gave. */
export class Activation {
  #said = new Said();
  #overAir = h('button', { type: 'button', class: 'button', onclick: () => this.#send(this.#overAir, { kind: 'ota' }) }, 'Activate over the air');
  #numbers = h('button', { class: 'button' }, 'Activate by numbers');
  #slot;
  #form = h('form', { class: 'row ends', onsubmit: (event) => {
    event.preventDefault();
    const { spc, mdn, min } = Object.fromEntries(new FormData(this.#form));
    this.#send(this.#numbers, { kind: 'manual', spc, mdn, min });
  } });
  element = h('details', { class: 'activation' }, h('summary', {}, 'Activation'), h('div', { class: 'stack' },
    h('p', { class: 'muted small' }, 'A new card has to be made known to its network once. The card must be in reach of it; activation takes some minutes.'),
    h('div', {}, this.#overAir), this.#form, this.#said.element));

  constructor(send, slot) {
    this.send = send;
    this.#slot = slot;
    this.#form.append(field(slot, 'spc', 'Lock code (SPC/MSL)', 'six digits'), field(slot, 'mdn', 'Phone number (MDN)', 'ten digits'), field(slot, 'min', 'MIN/MSID', 'ten digits'), this.#numbers);
  }

  show({ can }, mayWrite) {
    this.element.hidden = !mayWrite || !can.activate;
  }

  #send(button, how) { void press(button, this.#said, () => this.send('activate', { slot: this.#slot, ...how }), 'the card is activated'); }
}
