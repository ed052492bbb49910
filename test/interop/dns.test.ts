import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bed, GATEWAY, PROVIDER, root, SERVER } from './bed.ts';
import { end, until } from './namespaces.ts';

/** Twenty strings of 200 letters: too long for UDP, even with EDNS. */
const BIG = Array.from({ length: 20 }, (_, i) => String.fromCharCode(97 + i).repeat(200));

/** dig on a host behind the router, and dnsmasq as the provider's server. */
describe.runIf(root)('DNS over TCP', () => {
  const bed = new Bed();
  beforeAll(async () => {
    await bed.start();
    if (bed.dnsmasq) await end(bed.dnsmasq);
    bed.dnsmasq = bed.provider('198.51.100', PROVIDER, `--txt-record=big.example,${BIG.join(',')}`);
    await until('the server answers', async () => (await dig('+short inet1.example')) === `${SERVER}\n`, 15_000);
  }, 60_000);
  afterAll(() => bed.close());
  const dig = async (words: string, host = 'lan1') => (await bed.net.run(host, ['dig', '+time=4', '+tries=1', `@${GATEWAY}`, ...words.split(' ')], 20_000)).out;

  it('answers what it knows itself and what it relays', async () => {
    expect(await dig('+tcp +short inet1.example')).toBe(`${SERVER}\n`);
    expect(await dig('+tcp +short lancell')).toBe(`${GATEWAY}\n`);
    expect(await dig('+tcp +short inet1.example')).toBe(`${SERVER}\n`);
  });

  it.each(['+noedns', '+bufsize=1232', '+tcp'])('a long answer comes whole after dig %s', async (how) => {
    const said = await dig(`${how} big.example TXT`);
    for (const text of BIG) expect(said).toContain(text);
    expect(said).toContain('(TCP)');
  });

  it('several questions on one connection', async () => {
    const said = await dig('+tcp +keepopen +short inet1.example lancell inet1.example');
    expect(said).toBe(`${SERVER}\n${GATEWAY}\n${SERVER}\n`);
  });

  it('nonsense is hung up on at once, and silence after ten seconds; others are served all the while', async () => {
    const talk = (words: string) => bed.net.run('lan1', ['bash', '-c', `exec 3<>/dev/tcp/${GATEWAY}/53; ${words} >&3; s=$(date +%s%N); timeout 15 cat <&3 >/dev/null; echo $(( ($(date +%s%N) - s) / 1000000 ))`], 25_000);
    const silence = talk('true');
    const nonsense = await Promise.all([talk(`printf '\\0\\0'`), talk(`printf '\\377\\377aaaa'`), talk('head -c 100000 /dev/urandom')]);
    for (const n of nonsense) expect(Number(n.out)).toBeLessThan(5000);
    expect(await dig('+tcp +short lancell', 'lan2')).toBe(`${GATEWAY}\n`);
    const quiet = Number((await silence).out);
    expect(quiet).toBeGreaterThan(8000);
    expect(quiet).toBeLessThan(14_000);
  });

  it('goes on after a reload of its plugin, and not while the relay is off', async () => {
    await bed.router.exec('plugin reload lan');
    expect(await dig('+tcp +short lancell')).toBe(`${GATEWAY}\n`);
    await bed.configure('lan.dns.relay off');
    expect(await dig('+tcp lancell')).toContain('connection refused');
    await bed.configure('lan.dns.relay on');
    expect(await dig('+tcp +short lancell')).toBe(`${GATEWAY}\n`);
  });

  it('nobody outside reaches it', async () => {
    expect(await bed.net.run('inet', ['dig', '+time=1', '+tries=1', '+tcp', `@${await bed.outside()}`, 'lancell'], 10_000)).toMatchObject({ code: 9 });
  });
});
