// How a text goes out: the router splits it in the same way (TS 23.038, TS 23.040). Kept apart from the page so that it can be tested alone.

const BASIC = new Set('@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà');
const EXTENDED = new Set('\f^{}\\[~]|€');
/** The router sends no more at once. */
export const MOST = 10;

/** What a character costs in the alphabet of GSM; undefined: it is not in it. */
const cost = (c) => (BASIC.has(c) ? 1 : EXTENDED.has(c) ? 2 : undefined);

/** Messages that characters of these sizes fill, none cut in two, and what is left in the last one. */
function filled(sizes, one, several) {
  const total = sizes.reduce((n, size) => n + size, 0);
  if (total <= one) return { parts: total === 0 ? 0 : 1, left: one - total };
  let parts = 1;
  let left = several;
  for (const size of sizes) {
    if (size > left) {
      parts++;
      left = several;
    }
    left -= size;
  }
  return { parts, left };
}

/**
 * `alphabet`: 'GSM', 'Unicode' or 'ASCII'; `odd`: the first characters that make it Unicode, or that the card cannot send. `letters`: 'all', or
 * 'ascii' for cards that send nothing else.
 */
export function measure(text, letters) {
  const all = [...text];
  const distinct = (wrong) => [...new Set(all.filter(wrong))].slice(0, 5);
  if (letters === 'ascii') {
    const odd = distinct((c) => !/^[\n\r\x20-\x7e]$/.test(c));
    // Between words where it can be, and with '1/3 ' before each.
    const runs = text.length <= 160 ? [text] : text.match(/[\s\S]{1,152}(?=\s|$)|[\s\S]{1,152}/g);
    return { alphabet: 'ASCII', odd, wrong: odd.length > 0, parts: text === '' ? 0 : runs.length, left: (runs.length === 1 ? 160 : 152) - runs.at(-1).length };
  }
  const odd = distinct((c) => cost(c) === undefined);
  return odd.length === 0 ? { alphabet: 'GSM', odd, wrong: false, ...filled(all.map(cost), 160, 153) } : { alphabet: 'Unicode', odd, wrong: false, ...filled(all.map((c) => c.length), 70, 67) };
}

/** In a sentence. */
export function counted(text, letters) {
  const { alphabet, odd, wrong, parts, left } = measure(text, letters);
  const quoted = odd.map((c) => `“${c}”`).join(' ');
  if (wrong) return { words: `This card cannot send ${quoted}: letters without accents, digits and signs of ASCII only.`, bad: true };
  if (parts > MOST) return { words: `${parts} messages: at most ${MOST} are sent at once. Shorten it.`, bad: true };
  const rest = `${left} character${left === 1 ? '' : 's'} left`;
  const why = alphabet === 'Unicode' ? ` in Unicode, for ${quoted}: 70 to a message` : '';
  return { words: parts <= 1 ? `${rest}${why}` : `${parts} messages, ${left} left in the last${why}. The carrier counts each.`, bad: false };
}
