import { LightElement } from '../shell/light.ts';
import { pageHead } from './head.ts';

class Page extends LightElement {
  override render() { return pageHead('View Log', {}); }
}
customElements.define('lc-log-page', Page);
