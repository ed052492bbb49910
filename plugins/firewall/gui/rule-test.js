import { h, icon } from '/element/v1.js';
import { badge } from './action.js';

const PROTOCOLS = ['tcp', 'udp', 'icmp', 'gre', 'esp', 'ah', 'igmp'];

/** What would happen to a session, without sending anything. */
export class TestBox {
  element;
  #act;
  #make;
  #from = h('select', { class: 'select', id: 't-from' });
  #source = h('input', { class: 'input', id: 't-source', placeholder: '192.168.1.33', autocomplete: 'off', spellcheck: 'false' });
  #destination = h('input', { class: 'input', id: 't-destination', placeholder: '203.0.113.10', autocomplete: 'off', spellcheck: 'false' });
  #protocol = h('select', { class: 'select', id: 't-protocol' }, PROTOCOLS.map((p) => h('option', { value: p }, p.toUpperCase())));
  #port = h('input', { class: 'input', id: 't-port', type: 'number', min: 0, max: 65_535, value: 80 });
  #portLabel = h('label', { for: 't-port' }, 'Port');
  #said = h('div', { class: 'said', role: 'status' });

  /** `make(way, rule)` opens a new rule. */
  constructor(act, make) {
    this.#act = act;
    this.#make = make;
    const field = (id, label, control) => h('div', { class: 'field' }, label instanceof Node ? label : h('label', { for: id }, label), control, h('p', { class: 'error', id: `${id}-error` }));
    this.element = h('details', { class: 'card test' }, h('summary', {}, h('h2', {}, 'What would happen?'), h('span', { class: 'muted small' }, 'try a session against the rules; nothing is sent')),
      h('form', { class: 'test-form', novalidate: true, onsubmit: (event) => { event.preventDefault(); void this.#ask(); } },
        field('t-from', 'From zone', this.#from), field('t-source', 'Source', this.#source), field('t-destination', 'Destination', this.#destination), field('t-protocol', 'Protocol', this.#protocol), field('t-port', this.#portLabel, this.#port),
        h('button', { type: 'submit', class: 'button' }, 'Test')), this.#said);
    for (const control of [this.#source, this.#destination, this.#port]) control.setAttribute('aria-describedby', `${control.id}-error`);
    this.#protocol.addEventListener('change', () => {
      const icmp = this.#protocol.value === 'icmp';
      this.#portLabel.textContent = icmp ? 'Type' : 'Port';
      this.#port.value = icmp ? 8 : 80;
      this.#port.closest('.field').hidden = !['tcp', 'udp', 'icmp'].includes(this.#protocol.value);
    });
  }

  set zones(zones) {
    const now = this.#from.value;
    this.#from.replaceChildren(...zones.map((z) => h('option', { value: z, selected: z === now }, z)));
  }

  /** The zone that is looked at. */
  set from(zone) { if ([...this.#from.options].some((o) => o.value === zone)) this.#from.value = zone; }

  async #ask() {
    for (const control of [this.#source, this.#destination, this.#port]) this.#wrong(control, '');
    const input = { from: this.#from.value, source: this.#source.value.trim(), destination: this.#destination.value.trim(), protocol: this.#protocol.value, port: Number(this.#port.value) };
    try {
      const [{ facts }] = await this.#act('test', input);
      this.#said.replaceChildren(h('div', { class: 'row' }, badge(facts.verdict), facts.direction && h('strong', {}, facts.direction), facts.log === 'yes' && h('span', { class: 'muted small' }, 'logged')), h('p', {}, facts.why),
        ...(facts.note ? [h('p', { class: 'note warn' }, icon('alert'), h('span', {}, facts.note))] : []),
        ...(facts['to permit it'] ? [h('p', { class: 'row' }, h('button', { type: 'button', class: 'button', onclick: () => this.#offer(input, facts.direction) }, icon('plus', 16), 'Make a rule that permits it'))] : []));
    } catch (error) {
      this.#said.replaceChildren();
      const found = /^(source|destination|port): (.*)$/s.exec(error.message);
      if (found === null) this.#said.replaceChildren(h('p', { class: 'note bad' }, icon('alert'), h('span', {}, error.message)));
      else this.#wrong({ source: this.#source, destination: this.#destination, port: this.#port }[found[1]], found[2].split('; ')[0]);
    }
  }

  #wrong(control, words) {
    control.setAttribute('aria-invalid', String(words !== ''));
    const place = this.element.querySelector(`#${control.id}-error`);
    place.replaceChildren(...(words === '' ? [] : [icon('alert', 14), h('span', {}, words)]));
    if (words !== '') control.focus();
  }

  #offer({ source, destination, protocol, port }, direction) {
    const [from, to] = direction.split(' → ');
    const service = protocol === 'tcp' || protocol === 'udp' ? `${protocol}/${port}` : protocol === 'icmp' ? `icmp/${port}` : protocol;
    this.#make({ from, to }, { action: 'permit', source: [source], destination: [destination], services: [service] });
  }
}
