import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type CardFile, type CardPart, parsePart, wholeCard } from './card-file.ts';

const here = fileURLToPath(new URL('.', import.meta.url));

/** The cards that can be put in: those that come with the lab, and those that were made from logs. */
export class CardShelf {
  readonly #families = new Map<string, CardPart>();
  readonly #own = new Map<string, CardFile>();

  /** Model names, as `card` takes them: file names of the lab's cards, then those added. */
  models(): string[] {
    const files = readdirSync(`${here}cards`).filter(f => f.endsWith('.json')).map(f => f.slice(0, -5)).sort();
    return [...files, ...[...this.#own.keys()].filter(m => !files.includes(m))];
  }

  /** By model, however it is written ('AC881', 'ac881'), or the path of a card file. Throws with the models there are. */
  card(name: string): CardFile {
    const key = keyOf(name);
    const own = this.#own.get(key);
    if (own) return own;
    if (name.endsWith('.json') && existsSync(name)) return this.read(name, readFileSync(name, 'utf8'));
    const file = readdirSync(`${here}cards`).find(f => keyOf(f.slice(0, -5)) === key);
    const path = `${here}cards/${file}`;
    if (file === undefined) throw new Error(`no card "${name}"; there are ${this.models().join(', ')}`);
    return this.read(path, readFileSync(path, 'utf8'));
  }

  /** A card from the text of its file. Throws with what is wrong. */
  read(name: string, json: string): CardFile {
    const parts = [parsePart(name, json)];
    for (let family = parts[0]?.family; family !== undefined; family = parts.at(-1)?.family) {
      if (parts.length > 8) throw new Error(`${name}: its families go round in a circle`);
      parts.push(this.#family(family));
    }
    return wholeCard(name, parts);
  }

  add(card: CardFile): string {
    const key = keyOf(card.model);
    this.#own.set(key, card);
    return key;
  }

  #family(name: string): CardPart {
    const known = this.#families.get(name);
    if (known) return known;
    const path = `${here}families/${name}.json`;
    if (!/^[\w-]+$/.test(name) || !existsSync(path)) throw new Error(`no family "${name}"`);
    const part = parsePart(path, readFileSync(path, 'utf8'));
    this.#families.set(name, part);
    return part;
  }
}

/** 'GTMax 3.6' and 'gtmax-3-6' are one. */
export const keyOf = (model: string): string => model.toLowerCase().replace(/[^a-z0-9]/g, '');
