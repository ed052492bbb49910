import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeXml, parseXml } from '../../../../plugins/upnp/xml.ts';

describe('XML', () => {
  it('reads elements, text, attributes, comments and CDATA', () => {
    expect(parseXml('\ufeff<?xml version="1.0" encoding="utf-8"?>\n<!-- a --><a:b c="1" d=\'x>y\'><e/>t&#x41;&amp;&lt;<![CDATA[<&]]><f >g</f></a:b>\n'))
      .toEqual({ name: 'b', text: 'tA&<<&', children: [{ name: 'e', text: '', children: [] }, { name: 'f', text: 'g', children: [] }] });
  });

  it.each([
    '', 'a', '<a>', '</a>', '<a></b>', '<a:b></c:b>', '<a/><b/>', 'x<a/>', '<a/>x', '<a b=c/>', '<a b="<"/>', '<a>&b;</a>', '<a>& b</a>', '<a>&#0;</a>', '<a>&#xd800;</a>', '<a>&#x110000;</a>', '<a>&amp</a>',
    '<!DOCTYPE a><a/>', '<a><?php ?></a>', '<a><!-- -- --></a>', '<a><![CDATA[</a>', '<a>\0</a>', `${'<a>'.repeat(9)}${'</a>'.repeat(9)}`, `<a>${'<b/>'.repeat(128)}</a>`, `<a>${'x'.repeat(40_000)}</a>`,
  ])('refuses %j', text => expect(parseXml(text)).toBeUndefined());

  it('reads back whatever was escaped', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 50 }), text => {
      fc.pre([...text].every(c => c >= ' '));
      expect(parseXml(`<a>${escapeXml(text)}</a>`)?.text).toBe(text);
    }));
  });

  it('is quick about what was made to be slow', () => {
    const nasty = ['<a '.padEnd(32_000, ' b="c"'), '<a'.padEnd(32_000, ' '), `<a>${'&#'.repeat(15_000)}</a>`, `<!--${'-'.repeat(32_000)}`, `<${'a'.repeat(32_000)}`, `<?xml ${' '.repeat(32_000)}`, `<a ${'b="c" '.repeat(5000)}`];
    const begun = performance.now();
    for (const text of nasty) expect(parseXml(text)).toBeUndefined();
    expect(performance.now() - begun).toBeLessThan(1000);
  });
});
