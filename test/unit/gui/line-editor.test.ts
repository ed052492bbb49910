import { describe, expect, it } from 'vitest';
import { LineEditor } from '../../../gui/src/pages/console/line-editor.ts';

const typed = (editor: LineEditor, ...keys: readonly string[]): LineEditor => {
  for (const key of keys) if (!editor.key(key)) editor.insert(key);
  return editor;
};

describe('the line editor', () => {
  it('edits in the middle of a line', () => {
    const editor = typed(new LineEditor(), 'ip rute', '\x1b[D', '\x1b[D', '\x1b[D', 'o', '\x1b[F', ' status', '\x17', '\x01', '\x1b[3~');
    expect([editor.line, editor.cursor]).toEqual(['p route ', 0]);
  });
  it('takes a character outside the first plane as one', () => {
    expect(typed(new LineEditor(), 'a😀', '\x7f').line).toBe('a');
  });
  it('turns through the lines before, and comes back to what was typed', () => {
    const editor = typed(new LineEditor(['one', 'two']), 'dra', '\x1b[A', '\x1b[A', '\x1b[A');
    expect(editor.line).toBe('one');
    expect(typed(editor, '\x1b[B', '\x1b[B', '\x1b[B').line).toBe('dra');
  });
  it('remembers a line once, and empty ones not at all', () => {
    const editor = new LineEditor(['a', 'b']);
    for (const line of ['a', '  ', 'c']) { editor.insert(line); editor.take(); }
    expect(editor.history).toEqual(['b', 'a', 'c']);
  });
});
