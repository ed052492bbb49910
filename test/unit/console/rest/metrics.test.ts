import { describe, expect, it } from 'vitest';
import { served } from './rig.ts';

/** One sample of the text format 0.0.4: name, labels, value. */
const sample = /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (NaN|[+-]Inf|-?[\d.]+(?:e[+-]?\d+)?)$/;

describe('/metrics', () => {
  it('is Prometheus text: every line fits the grammar, every family is described once and stands together', async () => {
    const { ask, router, exec, advance } = await served();
    await advance(3000);
    router.engine.counters.take('odd: "name" \\ with\na line').n = 3;
    await exec('lan1', 'ping -c 1 inet1');
    const answer = await ask('/metrics');
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.text.endsWith('\n')).toBe(true);
    const families: string[] = [];
    for (const line of answer.text.slice(0, -1).split('\n')) {
      const comment = /^# (HELP|TYPE) (\w+) (.+)$/.exec(line);
      if (comment?.[1] === 'HELP') families.push(comment[2]!);
      else if (comment) expect([comment[2], comment[3]]).toEqual([families.at(-1), expect.stringMatching(/^(gauge|counter)$/)]);
      else expect([line, sample.exec(line)?.[1]]).toEqual([line, families.at(-1)]);
    }
    expect(new Set(families).size).toBe(families.length);
    expect(answer.text).toContain('lancell_events_total{counter="odd: \\"name\\" \\\\ with\\na line"} 3');
    expect(answer.text).toContain('lancell_plugin_state{plugin="nat",state="active"} 1');
    expect(answer.text).toMatch(/lancell_link_receive_packets_total\{link="\w+"\} [1-9]/);
    expect(answer.text).toMatch(/\nlancell_flows [1-9]/);
  });

  it('wants a token or a session', async () => {
    const { ask, key } = await served();
    expect((await ask('/metrics', { token: '' })).status).toBe(401);
    expect((await ask('/metrics', { token: await key('m', 'viewer', ['metrics']) })).status).toBe(200);
    expect((await ask('/metrics', { token: await key('f', 'viewer', ['flow']) })).status).toBe(403);
  });
});
