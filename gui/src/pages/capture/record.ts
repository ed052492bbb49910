import { html, nothing } from 'lit';
import { icon } from '../../shell/icons.ts';
import { LightElement } from '../../shell/light.ts';
import { complain } from '../../shell/toasts.ts';
import { download } from '../../wire/rest.ts';

/** Hands a file to the browser's downloads. */
export function keepFile(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const a = document.createElement('a');
  a.href = address;
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Whole packets, recorded by the router itself: nothing is left out for a slow page. */
class RecordFile extends LightElement {
  static override properties = { filter: {}, busy: { state: true } };
  declare filter: string;
  declare busy: boolean;

  constructor() {
    super();
    this.filter = '';
    this.busy = false;
  }

  #submit = async (e: SubmitEvent): Promise<void> => {
    e.preventDefault();
    const wish = new FormData(e.target as HTMLFormElement);
    const query = new URLSearchParams({ filter: this.filter, seconds: String(wish.get('seconds')), packets: String(wish.get('packets')) });
    this.busy = true;
    try {
      const { blob, name } = await download('GET', `/capture?${query.toString()}`);
      keepFile(blob, name ?? 'capture.pcapng');
    } catch (error) {
      complain(error);
    }
    this.busy = false;
  };

  override render() {
    return html`<section class="card" aria-label="Record a file">
      <h2 class="card-head">Record a file</h2>
      <form class="capture-form" @submit=${this.#submit}>
        <label class="field"><span class="label">At most, seconds</span><input class="input" type="number" name="seconds" value="30" min="1" max="3600" required></label>
        <label class="field"><span class="label">At most, packets</span><input class="input" type="number" name="packets" value="10000" min="1" max="1000000" required></label>
        <button class="button" type="submit" ?disabled=${this.busy} aria-busy=${this.busy}>${icon('download', 16)}${this.busy ? 'Recording …' : 'Record as pcapng'}</button>
        <p class="field-help broad-help">The router records whole packets${this.filter ? html` that fit <code>${this.filter}</code>` : nothing} and gives them as a file for Wireshark and tshark.</p>
      </form></section>`;
  }
}
customElements.define('lc-record-file', RecordFile);
