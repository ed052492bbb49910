/** An element; its own text is that of its text nodes, put together. Names are without their prefixes. */
export interface Element { readonly name: string; readonly text: string; readonly children: readonly Element[] }

const MOST_ELEMENTS = 128;
const DEEPEST = 8;
const LONGEST = 32_768;

const START = /<([A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?)((?:\s+[A-Za-z_][\w.:-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
const END = /<\/([A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?)\s*>/y;
const DECLARATION = /^<\?xml\s[^<>]*\?>/;
const known: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/**
 * A small document, as SOAP 1.1 §3 allows them: no DTD, no processing instructions, so nothing to expand or to fetch. Undefined: it
 * is not well-formed, or too long, too deep or of too many elements.
 */
export function parseXml(text: string): Element | undefined {
  if (text.length > LONGEST || !allPermitted(text)) return undefined;
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  at += DECLARATION.exec(text.slice(at))?.[0].length ?? 0;
  const open: { readonly tag: string; text: string; readonly children: Element[] }[] = [];
  let root: Element | undefined;
  let elements = 0;
  const close = (tag: string): boolean => {
    const e = open.pop();
    if (!e || e.tag !== tag) return false;
    const done: Element = { name: local(tag), text: e.text, children: e.children };
    const parent = open.at(-1);
    if (parent) parent.children.push(done);
    else root = done;
    return true;
  };
  const say = (data: string): boolean => {
    const e = open.at(-1);
    if (e) e.text += data;
    return e !== undefined || data.trim() === '';
  };
  while (at < text.length) {
    const next = text.indexOf('<', at);
    const data = unescaped(text.slice(at, next < 0 ? text.length : next));
    if (data === undefined || !say(data)) return undefined;
    if (next < 0) break;
    at = next;
    if (text.startsWith('<!--', at)) {
      const stop = text.indexOf('--', at + 4);
      if (stop < 0 || text[stop + 2] !== '>') return undefined;
      at = stop + 3;
    } else if (text.startsWith('<![CDATA[', at)) {
      const stop = text.indexOf(']]>', at);
      if (stop < 0 || open.length === 0) return undefined;
      say(text.slice(at + 9, stop));
      at = stop + 3;
    } else if (text[at + 1] === '/') {
      END.lastIndex = at;
      const m = END.exec(text);
      if (!m || !close(m[1]!)) return undefined;
      at = END.lastIndex;
    } else {
      START.lastIndex = at;
      const m = START.exec(text);
      if (!m || root !== undefined || ++elements > MOST_ELEMENTS || open.length >= DEEPEST) return undefined;
      open.push({ tag: m[1]!, text: '', children: [] });
      if (m[3] === '/' && !close(m[1]!)) return undefined;
      at = START.lastIndex;
    }
  }
  return open.length === 0 ? root : undefined;
}

const local = (tag: string): string => tag.slice(tag.indexOf(':') + 1);

/** The five entities that every document has, and characters by number; undefined: another, or none that XML permits. */
function unescaped(text: string): string | undefined {
  if (!text.includes('&')) return text;
  let bad = false;
  const out = text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|\w{1,8})?;?/gi, (whole, name: string | undefined) => {
    if (name === undefined || !whole.endsWith(';')) { bad = true; return ''; }
    if (!name.startsWith('#')) {
      const c = known[name];
      if (c === undefined) bad = true;
      return c ?? '';
    }
    const code = name[1] === 'x' || name[1] === 'X' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    if (!permitted(code)) { bad = true; return ''; }
    return String.fromCodePoint(code);
  });
  return bad ? undefined : out;
}

const allPermitted = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 0x20 && !permitted(text.charCodeAt(i))) return false;
  return true;
};

/** XML 1.0 §2.2. */
const permitted = (code: number): boolean => code === 9 || code === 10 || code === 13 || (code >= 0x20 && code <= 0xd7ff) || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x1_0000 && code <= 0x10_ffff);

const escapes: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;', "'": '&apos;' };
export const escapeXml = (text: string): string => text.replace(/[<>&"']/g, c => escapes[c]!);

/** `<name>text</name>`, escaped. */
export const leaf = (name: string, text: string | number): string => `<${name}>${escapeXml(String(text))}</${name}>`;
/** `<name>…</name>` around what is XML already. */
export const branch = (name: string, ...inner: readonly string[]): string => `<${name}>${inner.join('')}</${name}>`;
export const DECLARE = '<?xml version="1.0"?>\n';
