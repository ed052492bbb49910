import { LightElement } from '../shell/light.ts';
import { pageHead } from './head.ts';

class Page extends LightElement {
  override render() { return pageHead('Packet capture', {}); }
}
customElements.define('lc-capture-page', Page);
