import { h } from '/element/v1.js';
import { say, show, wordsOf } from './dom.js';

const near = { month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' };
const far = { dateStyle: 'medium', timeStyle: 'short' };
/** With the year where it is another one; `zoneless`: a card told a local time, without saying whose. */
const timeOf = (ms, zoneless) => new Intl.DateTimeFormat(undefined, { ...(new Date(ms).getFullYear() === new Date().getFullYear() ? near : far), ...(zoneless ? { timeZone: 'UTC' } : {}) }).format(ms);

/** One message: a line of it, and all of it when it is opened. */
class Row {
  #who = h('bdi', {});
  #chip = h('span', { class: 'chip' });
  #time = h('time', { class: 'muted' });
  #preview = h('bdi', { class: 'preview', dir: 'auto' });
  #text = h('bdi', { class: 'text', dir: 'auto' });
  #way = h('span', { class: 'muted' });
  #slot = h('span', { class: 'chip' });
  #new = h('span', { class: 'visually-hidden' }, 'New:');
  #said = h('p', { class: 'muted', role: 'status', hidden: true });
  #reply = h('button', { class: 'button', type: 'button', onclick: () => this.#list.reply(this.#message.number) }, 'Reply');
  #delete = h('button', { class: 'button danger', type: 'button', onclick: () => this.#ask(true) }, 'Delete');
  #sure = h('button', { class: 'button danger', type: 'button', onclick: () => this.#remove() }, 'Delete for good');
  #keep = h('button', { class: 'button', type: 'button', onclick: () => this.#ask(false) }, 'Keep');
  #buttons = h('div', { class: 'row' }, this.#reply, this.#delete, this.#sure, this.#keep);
  #more = h('div', { class: 'whole', hidden: true }, this.#text, this.#buttons, this.#said);
  #open = h('button', { class: 'open', type: 'button', 'aria-expanded': 'false', onclick: () => this.#toggle() }, h('span', { class: 'dot' }),
    h('span', { class: 'line' }, this.#new, this.#way, h('span', { class: 'who' }, this.#who), this.#slot, this.#chip, this.#time), this.#preview);
  element = h('li', {}, this.#open, this.#more);
  #list;
  #message;

  constructor(list) {
    this.#list = list;
    this.#ask(false);
  }

  show(m, many, mayWrite) {
    this.#message = m;
    this.element.className = m.fresh ? 'fresh' : '';
    this.#new.hidden = !m.fresh;
    show(this.#way, m.way === 'in' ? 'From' : 'To');
    show(this.#who, m.number);
    show(this.#slot, `Slot ${m.slot}`);
    this.#slot.hidden = !many;
    show(this.#chip, m.fresh && m.mark === '' ? 'new' : m.mark === 'ok' ? 'arrived' : m.state);
    this.#chip.hidden = m.state === 'read' || m.state === 'sent';
    this.#chip.className = `chip ${m.mark === '' ? 'accent' : m.mark}`;
    // What is long stands below the text.
    if (m.mark === 'warn' && m.state.length > 40) show(this.#chip, m.way === 'in' ? 'not whole' : 'trouble');
    show(this.#time, timeOf(m.timeMs, m.zoneless));
    this.#time.setAttribute('datetime', new Date(m.timeMs).toISOString());
    show(this.#preview, m.text.slice(0, 200).replace(/\s+/g, ' '));
    show(this.#text, m.text);
    if (m.mark !== '') say(this.#said, m.state);
    this.#buttons.hidden = !mayWrite;
    this.#reply.hidden = !this.#sure.hidden || !/^\+?\d+$/.test(m.number);
  }

  #toggle() {
    const open = this.#more.hidden;
    this.#more.hidden = !open;
    this.#open.setAttribute('aria-expanded', String(open));
    this.#ask(false);
    if (open && this.#message.fresh) this.#list.seen(this.#message.id);
  }

  #ask(sure) {
    this.#delete.hidden = sure;
    this.#reply.hidden = sure || !/^\+?\d+$/.test(this.#message?.number ?? '');
    this.#sure.hidden = this.#keep.hidden = !sure;
    if (sure) this.#keep.focus();
  }

  async #remove() {
    try {
      await this.#list.remove([this.#message.id]);
    } catch (error) {
      say(this.#said, wordsOf(error), true);
      this.#ask(false);
    }
  }
}

/** The messages, the newest first. */
export class MessageList {
  #rows = new Map();
  #items = h('ul', { class: 'messages' });
  #none = h('p', { class: 'none' }, 'No messages yet. What comes to the card is shown here.');
  #count = h('span', { class: 'muted grow' });
  #compose = h('button', { class: 'button begin', type: 'button', onclick: () => this.#compose_() }, 'New message');
  #read = h('button', { class: 'button plain', type: 'button', onclick: () => this.seen(...this.#messages.filter((m) => m.fresh).map((m) => m.id)) }, 'Mark all read');
  #all = h('button', { class: 'button plain', type: 'button', onclick: () => this.#ask(true) }, 'Delete all');
  #sure = h('button', { class: 'button danger', type: 'button', onclick: () => this.#removeAll() }, 'Delete all for good');
  #keep = h('button', { class: 'button', type: 'button', onclick: () => this.#ask(false) }, 'Keep');
  #said = h('p', { class: 'muted bad', role: 'status', hidden: true });
  element = h('section', { class: 'card', 'aria-labelledby': 'list-title' }, h('div', { class: 'card-head' }, h('h2', { id: 'list-title' }, 'Messages'), this.#count, this.#read, this.#all, this.#sure, this.#keep, this.#compose), this.#said, this.#none, this.#items);
  #messages = [];
  #mayWrite = true;
  #act;
  #compose_;
  reply;

  /** `reply`: answers a number; `compose`: begins a new one. */
  constructor(act, reply, compose) {
    this.#act = act;
    this.reply = reply;
    this.#compose_ = compose;
    this.#ask(false);
  }

  show(messages, many, mayWrite) {
    this.#messages = messages;
    this.#mayWrite = mayWrite;
    const fresh = messages.filter((m) => m.fresh).length;
    show(this.#count, fresh === 0 ? '' : `${fresh} new`);
    this.#none.hidden = messages.length > 0;
    this.#read.hidden = fresh === 0 || !mayWrite;
    this.#compose.hidden = !mayWrite;
    if (this.#sure.hidden) this.#all.hidden = messages.length < 2 || !mayWrite;
    for (const [id, row] of this.#rows) {
      if (messages.some((m) => m.id === id)) continue;
      row.element.remove();
      this.#rows.delete(id);
    }
    for (const [i, m] of messages.entries()) {
      const row = this.#rows.get(m.id) ?? new Row(this);
      this.#rows.set(m.id, row);
      row.show(m, many, mayWrite);
      // Moving an element takes the focus from it.
      if (this.#items.children[i] !== row.element) this.#items.insertBefore(row.element, this.#items.children[i] ?? null);
    }
  }

  seen(...ids) { if (ids.length > 0 && this.#mayWrite) this.#act('read', ids).catch((error) => say(this.#said, wordsOf(error), true)); }
  remove(ids) { return this.#act('delete', ids); }

  #ask(sure) {
    this.#all.hidden = sure || this.#messages.length < 2;
    this.#sure.hidden = this.#keep.hidden = !sure;
    if (sure) this.#keep.focus();
  }

  async #removeAll() {
    this.#ask(false);
    try {
      await this.remove(this.#messages.map((m) => m.id));
    } catch (error) {
      say(this.#said, wordsOf(error), true);
    }
  }
}
