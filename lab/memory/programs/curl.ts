import { fetchOver } from '../http-client.ts';
import { getopt, type Program } from './program.ts';

const latin = new TextDecoder('latin1');
const utf8 = new TextEncoder();

const wentWrong: Readonly<Record<string, readonly [number, string]>> = {
  'connection refused': [7, 'Connection refused'], aborted: [7, 'No route to host'],
  'connection timed out': [28, 'Connection timed out'], 'connection reset by peer': [56, 'Recv failure: Connection reset by peer'],
};

/** curl [-s] [-S] [-i] [-I] [-f] [-o file] [-d data] [-X method] [-w '%{http_code}'] url; what -o is given is thrown away. */
export const curl: Program = async (host, args, say) => {
  const p = getopt(args, 'sSiIfo:d:X:w:m:');
  const url = /^(?:http:\/\/)?([^/:]+)(?::(\d+))?(\/.*)?$/.exec(p.words[0] ?? '');
  const fail = (code: number, words: string) => {
    if (!p.options.has('s') || p.options.has('S')) say(`curl: (${code}) ${words}`);
    return code;
  };
  if (p.unknown) return fail(2, `option -${p.unknown}: is unknown`);
  if (!url) return fail(3, p.words[0]?.startsWith('https:') ? 'only http:// is spoken here' : 'URL malformed: give http://host/path');
  const [, name = '', port = '80', path = '/'] = url;
  const found = await host.resolver.address(name);
  if (!found.ok) return fail(6, `Could not resolve host: ${name}`);
  const data = p.options.get('d');
  const method = p.options.get('X') ?? (p.options.has('I') ? 'HEAD' : data === undefined ? 'GET' : 'POST');
  const got = await fetchOver(host.tcp, {
    address: found.address, port: Number(port), host: name, path, method, ...data === undefined ? {} : { body: utf8.encode(data) },
  });
  if (!got.ok) {
    const [code, words] = wentWrong[got.why] ?? [52, 'Empty reply from server'];
    return fail(code, code === 7 ? `Failed to connect to ${name} port ${port}: ${words}` : words);
  }
  if (p.options.has('f') && got.status >= 400) return fail(22, `The requested URL returned error: ${got.status}`);
  if (p.options.has('i') || p.options.has('I')) {
    say(got.first);
    for (const [k, v] of got.headers) say(`${k}: ${v}`);
    say('');
  }
  const body = latin.decode(got.body);
  if (!p.options.has('o') && body !== '') say(body.endsWith('\n') ? body.slice(0, -1) : body);
  const format = p.options.get('w');
  if (format !== undefined) say(format.replace('%{http_code}', String(got.status)).replace('%{size_download}', String(got.body.length)).replace(/\\n$/, ''));
  return 0;
};
