/**
 * The commands of one line after AT (V.250 §5.4): basic ones follow each other, extended ones end at a semicolon, a dial command
 * takes the rest. 'E0V1&D2+COPS=3,0;+COPS?' is E0, V1, &D2, +COPS=3,0 and +COPS?.
 */
export function split(line: string): string[] {
  const found: string[] = [];
  let rest = line.trim();
  while (rest !== '') {
    const basic = /^(?:S\d+(?:=\d*|\?)|D.*|&[A-Z]\d*|[A-CE-RT-Z]\d*)\s*/i.exec(rest);
    const one = basic ? basic[0] : extended(rest);
    found.push(one.trim());
    rest = rest.slice(one.length).replace(/^;?\s*/, '');
  }
  return found.length === 0 ? [''] : found;
}

/** Up to a semicolon that is not in quotes. */
function extended(text: string): string {
  const end = /^(?:"[^"]*"|[^";])*/.exec(text)?.[0] ?? text;
  return end === '' ? text[0]! : end;
}
