import { h, icon, iconButton, inNumbers } from '/element/v1.js';
import { shapes, wayText } from './action.js';
import { days, ruleName } from './rule-text.js';

const ACTIONS = { permit: 'lets it pass', drop: 'drops it silently', reject: 'drops it and says so' };
const linesOf = (text) => text.split(/[\n,]/).map((t) => t.trim()).filter((t) => t !== '' && t.toLowerCase() !== 'any');

/** A rule as a form at the side. What does not fit is said beside its field, by the router's own check. */
export class RuleForm {
  element = h('dialog', { class: 'sheet', 'aria-labelledby': 'form-title' });
  #act;
  #done;
  /** { from, to, number, rule } and whether it is there already. */
  #row;
  #old = false;
  #fields = {};
  /** Fields that somebody has left: only of these mistakes are told before everything is sent. */
  #left = new Set();
  #asked = 0;
  #title = h('h2', { id: 'form-title', class: 'grow' });
  #body = h('div', { class: 'sheet-body' });
  #problem = h('p', { class: 'note bad', role: 'alert', hidden: true });
  #save = h('button', { type: 'submit', class: 'button primary' }, 'Save');
  #close = h('button', { type: 'button', class: 'button', onclick: () => this.element.close() }, 'Cancel');

  /** `done(words)` is called when a rule was stored. */
  constructor(act, done) {
    this.#act = act;
    this.#done = done;
    this.element.append(h('form', { class: 'sheet-form', novalidate: true, onsubmit: (event) => { event.preventDefault(); void this.#store(); } },
      h('div', { class: 'sheet-head' }, this.#title, iconButton('close', 'Close', () => this.element.close())), this.#body, h('div', { class: 'sheet-foot' }, this.#close, this.#save)));
    this.element.addEventListener('focusout', ({ target }) => this.#leave(target));
    this.element.addEventListener('change', ({ target }) => this.#leave(target));
  }

  /** `old`: the rule is there and is changed; otherwise `number` is where it would go, 0 the end. `known`: zones, services and groups. */
  open(row, { old, mayWrite, zones, services, groups }) {
    this.#row = row;
    this.#old = old;
    this.#left.clear();
    this.#problem.hidden = true;
    this.#title.textContent = old ? `${mayWrite ? 'Edit ' : ''}${ruleName(row)} of ${wayText(row.from, row.to)}` : 'New rule';
    this.#save.textContent = old ? 'Save' : 'Insert';
    this.#save.hidden = !mayWrite;
    this.#close.textContent = mayWrite ? 'Cancel' : 'Close';
    this.#draw(row, { zones, services, groups });
    for (const control of this.#body.querySelectorAll('input, select, textarea, button')) control.disabled = !mayWrite;
    this.element.showModal();
    this.element.scrollTop = 0;
    if (mayWrite) this.#fields.name.focus();
  }

  #draw({ from, to, number, rule = {} }, { zones, services, groups }) {
    const f = this.#fields = {};
    const text = (id, label, value, set = {}, help) => this.#field(id, label, f[id] = h('input', { class: 'input', id: `f-${id}`, value: value ?? '', autocomplete: 'off', spellcheck: 'false', ...set }), help);
    const box = (id, label, on) => h('label', { class: 'check' }, f[id] = h('input', { type: 'checkbox', id: `f-${id}`, checked: on === true }), label);
    const zone = (id, label, value) => this.#field(id, label, f[id] = h('select', { class: 'select', id: `f-${id}` }, [...zones, 'Any'].map((z) => h('option', { value: z, selected: z === value }, z))));
    const list = (id, label, values, help, offered, what) => this.#field(id, label, h('div', { class: 'list' },
      f[id] = h('textarea', { id: `f-${id}`, rows: Math.min(6, Math.max(2, (values ?? []).length + 1)), placeholder: 'any', autocomplete: 'off', spellcheck: 'false', value: (values ?? []).join('\n') }),
      offered.length > 0 && this.#offer(f[id], offered, `Add ${what} to ${label.toLowerCase()}`, `Add ${what} …`)), help);
    const schedule = rule.schedule;
    f.days = Object.fromEntries(days.map(({ id }) => [id, h('input', { type: 'checkbox', checked: schedule === undefined || schedule.days.includes(id) })]));
    const times = h('div', { class: 'stack inset', hidden: schedule === undefined },
      h('fieldset', { class: 'field' }, h('legend', { class: 'label' }, 'Days'), h('div', { class: 'row days' }, days.map(({ id, name }) => h('label', { class: 'check' }, f.days[id], h('span', { 'aria-hidden': 'true' }, name.slice(0, 3)), h('span', { class: 'visually-hidden' }, name)))), this.#error('schedule-days')),
      h('div', { class: 'two' }, text('schedule-from', 'Begins', schedule?.from ?? '00:00', { placeholder: '08:30' }), text('schedule-to', 'Ends', schedule?.to ?? '24:00', { placeholder: '17:30' }, 'Before it begins: over midnight.')));
    f.timed = h('input', { type: 'checkbox', checked: schedule !== undefined, onchange: () => { times.hidden = !f.timed.checked; } });
    const active = h('label', { class: 'row' }, h('span', { class: 'switch' }, f.active = h('input', { type: 'checkbox', role: 'switch', checked: rule.active !== false }), h('span')), 'Active');

    this.#body.replaceChildren(this.#problem, h('div', { class: 'stack' },
      !this.#old && h('div', { class: 'three' }, zone('from', 'From', from), zone('to', 'To', to), text('number', 'Number', number > 0 ? number : '', { type: 'number', min: 1, placeholder: 'last', 'aria-describedby': 'f-number-error f-number-help' })),
      h('div', { class: 'with-active' }, text('name', 'Name', rule.name, { maxlength: 31 }), active),
      h('fieldset', { class: 'field' }, h('legend', { class: 'label' }, 'Action'), h('div', { class: 'segments' }, Object.entries(ACTIONS).map(([id, help]) => h('label', { title: help }, f[`action-${id}`] = h('input', { type: 'radio', name: 'action', value: id, checked: (rule.action ?? 'permit') === id }), icon(shapes[id], 15), id))), this.#error('action')),
      list('source', 'Source', rule.source, 'One per line: 192.168.1.33, a range 192.168.1.33-192.168.1.40, a subnet 192.168.1.0/24, or a group.', groups, 'a group'), this.#negation('sourceNot', 'All but these sources', box, rule.sourceNot),
      list('destination', 'Destination', rule.destination, 'As it is within, after port forwarding.', groups, 'a group'), this.#negation('destinationNot', 'All but these destinations', box, rule.destinationNot),
      list('services', 'Service', rule.services, 'One per line: a name, tcp/80, udp/5000-5100, icmp/8, gre.', services, 'a service'),
      h('div', { class: 'field' }, h('label', { class: 'check' }, f.timed, 'Only at certain times'), times, this.#error('schedule')),
      h('div', { class: 'row wide' }, box('log', 'Log', rule.log), box('alert', 'Alert', rule.alert)),
      text('comment', 'Comment', rule.comment, { maxlength: 255 })));
  }

  #error(id) { return h('p', { class: 'error', id: `f-${id}-error`, 'data-field': id }); }

  #field(id, label, control, help) {
    const input = control.matches('input, select, textarea') ? control : control.querySelector('textarea');
    input.setAttribute('aria-describedby', `f-${id}-error${help === undefined ? '' : ` f-${id}-help`}`);
    return h('div', { class: 'field' }, h('label', { for: `f-${id}` }, label), control, help !== undefined && h('p', { class: 'help', id: `f-${id}-help` }, help), this.#error(id));
  }

  #negation(id, label, box, on) { return h('div', { class: 'field close' }, box(id, label, on), this.#error(id)); }

  /** A list to choose from: what is chosen becomes another line. */
  #offer(area, offered, label, hint) {
    const choice = h('select', { class: 'select offer', 'aria-label': label }, h('option', { value: '' }, hint), offered.map((name) => h('option', { value: name }, name)));
    choice.addEventListener('change', () => {
      if (choice.value !== '') area.value = [...linesOf(area.value), choice.value].join('\n');
      choice.value = '';
      area.dispatchEvent(new Event('change', { bubbles: true }));
    });
    return choice;
  }

  get #way() { return this.#old ? { from: this.#row.from, to: this.#row.to } : { from: this.#fields.from.value, to: this.#fields.to.value }; }

  /** What the form says, as fields of a rule. */
  get #draft() {
    const f = this.#fields;
    return {
      name: f.name.value.trim(), active: f.active.checked, action: Object.keys(ACTIONS).find((id) => f[`action-${id}`].checked),
      source: linesOf(f.source.value), sourceNot: f.sourceNot.checked, destination: linesOf(f.destination.value), destinationNot: f.destinationNot.checked, services: linesOf(f.services.value),
      schedule: f.timed.checked ? { days: days.map((d) => d.id).filter((id) => f.days[id].checked), from: f['schedule-from'].value.trim(), to: f['schedule-to'].value.trim() } : null,
      log: f.log.checked, alert: f.alert.checked, comment: f.comment.value,
    };
  }

  #leave(target) {
    const id = target.id?.startsWith('f-') ? target.id.slice(2) : undefined;
    if (id === undefined || !this.element.open || (target.value === '' && !this.#left.has(id))) return;
    this.#left.add(id);
    void this.#check(true);
  }

  /** Shows what is wrong; true when nothing is. `early`: only of fields that were left. */
  async #check(early) {
    const asked = ++this.#asked;
    const [{ rows }] = await this.#act('check', { ...this.#way, number: this.#old ? this.#row.number : 0, rule: this.#draft });
    if (asked !== this.#asked) return false;
    return this.#show(rows.map(([path, problem]) => [path.split('.'), problem]), early);
  }

  /** Problems as [path, words]: ['source', '1']. Marks fields, and goes to the first unless `early`. */
  #show(problems, early) {
    const byField = new Map();
    for (const [[name = '', at], words] of problems) {
      const id = name === 'schedule' && at !== undefined ? `schedule-${at}` : name;
      const line = /^\d+$/.test(at ?? '') && linesOf(this.#fields[name]?.value ?? '').length > 1 ? `line ${Number(at) + 1}: ` : '';
      byField.set(id, [...byField.get(id) ?? [], `${line}${words}`]);
    }
    const elsewhere = [];
    for (const [id, words] of byField) if (this.#body.querySelector(`[data-field="${id}"]`) === null) elsewhere.push(...words);
    for (const place of this.#body.querySelectorAll('[data-field]')) {
      const id = place.dataset.field;
      const words = early && !this.#left.has(id) ? [] : byField.get(id) ?? [];
      place.replaceChildren(...(words.length === 0 ? [] : [icon('alert', 14), h('span', {}, words.join('; '))]));
      this.#body.querySelector(`#f-${id}`)?.setAttribute('aria-invalid', String(words.length > 0));
    }
    if (!early) {
      this.#fail(elsewhere.join('; '));
      (this.#body.querySelector('[aria-invalid="true"]') ?? (elsewhere.length > 0 ? this.#problem : undefined))?.scrollIntoView({ block: 'center' });
      this.#body.querySelector('[aria-invalid="true"]')?.focus();
    }
    return problems.length === 0;
  }

  #fail(words) {
    this.#problem.hidden = words === '';
    this.#problem.replaceChildren(...(words === '' ? [] : [icon('alert'), h('span', {}, words)]));
  }

  async #store() {
    if (this.#save.disabled || this.#save.hidden) return;
    this.#save.disabled = true;
    try {
      const typed = this.#old ? '' : this.#fields.number.value;
      if (!(typed === '' || (Number.isInteger(Number(typed)) && Number(typed) >= 1))) {
        this.#show([[['number'], 'must be a number from 1, or nothing for the end']], false);
        return;
      }
      if (!await this.#check(false)) return;
      const { from, to } = this.#way;
      if (this.#old) {
        await this.#act('update', { from, to, number: this.#row.number, rule: this.#draft });
        this.element.close();
        this.#done(`${ruleName({ number: this.#row.number, rule: this.#draft })} of ${wayText(from, to)} was changed`, { from, to });
      } else {
        const { schedule, ...rule } = this.#draft;
        const [number] = await this.#act('insert', { from, to, number: typed === '' ? 0 : Number(typed), rule: schedule === null ? rule : { ...rule, schedule } });
        this.element.close();
        this.#done(`${ruleName({ number: inNumbers(Number(number)), rule })} of ${wayText(from, to)} is in force`, { from, to });
      }
    } catch (error) {
      // A commit that other settings do not let through names the field, too.
      const own = (error.answer?.problems ?? []).map((p) => [/rules\[\d+\]\.(\w+)(?:\[(\d+)\]|\.(\w+))?/.exec(p.path), p.message]).filter(([m]) => m !== null).map(([m, words]) => [[m[1], m[2] ?? m[3]].filter((s) => s !== undefined), words]);
      if (own.length > 0) this.#show(own, false);
      else this.#fail(error.message);
    } finally {
      this.#save.disabled = false;
    }
  }
}
