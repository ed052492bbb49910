const MOST = 120;
/** Of a pair of surrogates: encodeURIComponent throws for them. */
const loneHalves = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * The header that makes a file of an answer (RFC 6266), whatever its name is: plain letters for old programs, and the whole of it in
 * UTF-8 (RFC 8187). Neither can end the quoted string, name a folder, or hide a file behind a leading dot.
 */
export function attachment(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
  const clean = name.replace(loneHalves, '_').replace(/[\u0000-\u001f\u007f-\u009f/\\:*?"<>|\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, '_').trim().replace(/^\.+/, '_').replace(/[. ]+$/, '_');
  const short = shortened(clean === '' ? 'file' : clean);
  const plain = short.replace(/[^\w. ()+,-]/g, '_');
  const escaped = encodeURIComponent(short).replace(/['()*!]/g, c => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${plain}"${plain === short ? '' : `; filename*=UTF-8''${escaped}`}`;
}

/** Its ending says what it is: a name that is too long loses of its beginning's end. */
function shortened(name: string): string {
  const letters = [...name];
  if (letters.length <= MOST) return name;
  const ending = /\.[^.]{1,10}$/.exec(name)?.[0] ?? '';
  return `${letters.slice(0, MOST - ending.length).join('')}${ending}`;
}
