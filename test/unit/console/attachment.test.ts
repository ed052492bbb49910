import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attachment } from '../../../kernel/console/attachment.ts';

describe('the name of a download', () => {
  it.each([
    ['Setup.exe', 'attachment; filename="Setup.exe"'],
    ['Read Me First.txt', 'attachment; filename="Read Me First.txt"'],
    ['Überblick.pdf', `attachment; filename="_berblick.pdf"; filename*=UTF-8''%C3%9Cberblick.pdf`],
    ["it's (one)*.txt", `attachment; filename="it_s (one)_.txt"; filename*=UTF-8''it%27s%20%28one%29_.txt`],
    ['../../etc/passwd', 'attachment; filename="__.._etc_passwd"'],
    ['.bashrc', 'attachment; filename="_bashrc"'],
    ['a"; filename="b.exe', 'attachment; filename="a__ filename__b.exe"; filename*=UTF-8\'\'a_%3B%20filename%3D_b.exe'],
    ['a\r\nset-cookie: x', 'attachment; filename="a__set-cookie_ x"'],
    ['photo\u202egpj.exe', 'attachment; filename="photo_gpj.exe"'],
    ['setup.exe. .', 'attachment; filename="setup.exe_"'],
    ['', 'attachment; filename="file"'],
  ])('%j', (name, header) => { expect(attachment(name)).toBe(header); });

  it('keeps its ending when it is too long', () => {
    expect(attachment(`${'x'.repeat(300)}.tar`)).toBe(`attachment; filename="${'x'.repeat(116)}.tar"`);
  });

  it('is a header that can be sent, whatever it is', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), name => {
      const header = attachment(name);
      expect(new Headers({ 'content-disposition': header }).get('content-disposition')).toBe(header);
      expect(header).toMatch(/^attachment; filename="[\w ()+,.-]+"(; filename\*=UTF-8''[\w.%~-]+)?$/);
      expect(header).not.toMatch(/filename="\./);
    }));
  });
});
