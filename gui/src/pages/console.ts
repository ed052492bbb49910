import { LightElement } from '../shell/light.ts';
import { pageHead } from './head.ts';

class Page extends LightElement {
  override render() { return pageHead('Live console', {}); }
}
customElements.define('lc-console-page', Page);
