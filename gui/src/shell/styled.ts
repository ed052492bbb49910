import { noChange } from 'lit';
import { Directive, directive, type ElementPart, PartType, type PartInfo } from 'lit/directive.js';

type Styles = Readonly<Record<string, string>>;

/** Sets style properties one by one. The router's content security policy allows no `style` attribute, which lit's own styleMap begins with. */
class Styled extends Directive {
  #last: Styles = {};

  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error('styled stands among the attributes of an element');
  }

  override render(_styles: Styles): typeof noChange { return noChange; }

  override update(part: ElementPart, [styles]: [Styles]): typeof noChange {
    const { style } = part.element as HTMLElement;
    for (const name of Object.keys(this.#last)) if (!(name in styles)) style.removeProperty(name);
    for (const [name, value] of Object.entries(styles)) if (this.#last[name] !== value) style.setProperty(name, value);
    this.#last = styles;
    return noChange;
  }
}

/** `<div ${styled({ width: '50%' })}>`; names as in CSS. */
export const styled = directive(Styled);
