import { LitElement } from 'lit';

/**
 * An element that draws into the page itself: labels and descriptions reach across elements, and one style sheet serves all.
 * Plugins' own elements are free to use a shadow root; the colours reach into it as custom properties.
 */
export class LightElement extends LitElement {
  protected override createRenderRoot(): HTMLElement { return this; }
}
