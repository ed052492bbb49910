// Rules as they are looked at: the router has them all, the page only those that were in sight.

const PAGE = 50;
/** Whoever drags the scroll bar passes many pages; only where it rests is asked for. */
const REST_MS = 60;

export class RulePages {
  /** How many rules the question finds; undefined: not known yet. */
  total;
  /** The default of the direction; '' when several are shown. */
  fallback = '';
  logged = false;
  #act;
  #changed;
  #failed;
  #query = {};
  #rows = new Map();
  #asked = new Set();
  /** Answers to an earlier question are left. */
  #question = 0;
  #timer = 0;

  /** `changed` is called when something came, `failed` with the error. */
  constructor(act, changed, failed) {
    this.#act = act;
    this.#changed = changed;
    this.#failed = failed;
  }

  /** Another question. Zones: '' is whatever they say. */
  look({ from, to, filter }) {
    this.#query = { ...(from === '' ? {} : { from }), ...(to === '' ? {} : { to }), ...(filter === '' ? {} : { filter }) };
    this.total = undefined;
    this.#rows.clear();
    this.again(0, 0);
  }

  /** The rules may have changed: what is in sight is asked for at once, the rest when it is looked at. */
  again(first, last) {
    this.#question++;
    this.#asked.clear();
    clearTimeout(this.#timer);
    this.#ask(first, last);
  }

  /** A row, if it is here already: { number, from, to, hits, rule }. */
  at(index) { return this.#rows.get(index); }

  /** Rows that are in sight. */
  need(first, last) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(first, last), REST_MS);
  }

  #ask(first, last) {
    for (let page = Math.floor(first / PAGE); page <= Math.floor(Math.max(first, last) / PAGE); page++) {
      if (this.#asked.has(page) || (page > 0 && page * PAGE >= (this.total ?? 0))) continue;
      this.#asked.add(page);
      void this.#fetch(page, this.#question);
    }
  }

  async #fetch(page, question) {
    try {
      const [{ facts }, { rows }] = await this.#act('rules', { ...this.#query, offset: page * PAGE, limit: PAGE });
      if (question !== this.#question) return;
      this.total = facts.total;
      this.fallback = facts.default;
      this.logged = facts.log === 'true';
      for (let i = 0; i < PAGE; i++) this.#rows.delete(page * PAGE + i);
      for (const [i, [number, from, to, hits, rule]] of rows.entries()) this.#rows.set(page * PAGE + i, { number, from, to, hits, rule: JSON.parse(rule) });
      this.#changed();
    } catch (error) {
      if (question !== this.#question) return;
      this.#asked.delete(page);
      this.#failed(error);
    }
  }
}
