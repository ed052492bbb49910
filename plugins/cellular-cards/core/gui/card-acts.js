import { h, press, redraw, Said } from '/element/v1.js';
import { PinForm } from './pin-form.js';

const page = (path, words) => h('a', { href: `#/network/cellular/${path}` }, words);

/** What has to be done before the card can go on, for those who may do it; the place for it is on the page or one link away. */
const hints = {
  enable: () => ['To use the card, press “Switch cellular on”.'],
  storage: () => ['To make it a modem, go to ', page('storage', 'Storage'), '.'],
  apn: () => ['Enter the APN in ', page('settings', 'Settings'), '; the card connects by itself then, or when you press Connect.'],
  roaming: () => ['Calls in foreign networks are allowed by “Roaming” in ', page('settings', 'Settings'), '.'],
  budget: () => ['Limits, counters and what happens when they are reached are on ', page('sentry', 'Cell-Sentry'), '.'],
  look: () => ['What was tried so far is in the ', page('timeline', 'Timeline'), '; APN, user name and password are in ', page('settings', 'Settings'), '.'],
};
/** For those who may only look. */
const others = { enable: 'cellular has to be switched on', pin: 'its PIN has to be entered', puk: 'its PUK has to be entered', storage: 'it has to be made a modem', apn: 'the APN has to be entered', roaming: 'roaming has to be allowed' };

/** What can be done with one card: buttons, the PIN, a hint what to do next. */
export class CardActs {
  buttons = h('div', { class: 'row' });
  #send;
  #slot;
  #said = new Said();
  #hint = h('p', { class: 'hint', hidden: true });
  #pin;

  /** `send(action, input)` rejects in words. */
  constructor(send, slot) {
    this.#send = send;
    this.#slot = slot;
    this.#pin = new PinForm(send, slot);
    this.element = h('div', { class: 'acts' }, this.#said.element, this.#pin.element, this.#hint);
  }

  show(card, mayWrite) {
    const { can, remedy } = card;
    redraw(this.buttons, JSON.stringify([mayWrite, can.connect, can.disconnect, can.enable]), () => mayWrite && [
      can.enable && this.#button('Switch cellular on', 'enable', 'primary'), can.connect && this.#button('Connect', 'connect', 'primary'), can.disconnect && this.#button('Disconnect', 'disconnect', ''),
    ]);
    this.#pin.show(card, mayWrite);
    const words = mayWrite ? hints[remedy]?.() : others[remedy] && [`Somebody who may change things is needed: ${others[remedy]}.`];
    this.#hint.hidden = words === undefined;
    redraw(this.#hint, `${mayWrite} ${remedy}`, () => words);
  }

  #button(words, action, kind) {
    const button = h('button', { type: 'button', class: `button ${kind}`, onclick: () => { void press(button, this.#said, () => this.#send(action, { slot: this.#slot })); } }, words);
    return button;
  }
}
