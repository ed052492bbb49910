/**
 * xterm.js writes its colours and sizes into `style` elements, which the router's content security policy does not allow. While
 * `open` runs, elements that are made as `style` are plain ones instead; what is written into them, then and later, goes into
 * constructed style sheets, which are no inline style. xterm's own option for another document reaches only one of its two
 * makers of styles. The result undoes it.
 */
export function withSheets(open: () => void): () => void {
  const sheets = new Set<CSSStyleSheet>();
  const observers: MutationObserver[] = [];
  const make = Document.prototype.createElement.bind(document) as (tag: string, options?: ElementCreationOptions) => HTMLElement;
  const styleLike = (): HTMLElement => {
    const element = make('lc-sheet');
    const sheet = new CSSStyleSheet();
    sheets.add(sheet);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    const observer = new MutationObserver(() => sheet.replaceSync(element.textContent ?? ''));
    observer.observe(element, { childList: true, characterData: true, subtree: true });
    observers.push(observer);
    element.hidden = true;
    return element;
  };
  const patched = document as { createElement?: unknown };
  patched.createElement = (tag: string, options?: ElementCreationOptions) => (tag === 'style' ? styleLike() : make(tag, options));
  try {
    open();
  } finally {
    delete patched.createElement;
  }
  return () => {
    for (const each of observers) each.disconnect();
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((s) => !sheets.has(s));
  };
}
