import { LightElement } from '../shell/light.ts';
import { pageHead } from './head.ts';

class Page extends LightElement {
  override render() { return pageHead('Home', {}); }
}
customElements.define('lc-home-page', Page);
