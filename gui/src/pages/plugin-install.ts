import { html } from 'lit';
import { icon } from '../shell/icons.ts';
import { LightElement } from '../shell/light.ts';
import { complain, say } from '../shell/toasts.ts';
import { many } from '../shell/words.ts';
import { rest, upload } from '../wire/rest.ts';
import { dropped, filesOf, loneFile, pluginVerb } from './plugin-acts.ts';

/** Brings a plugin to the router: from a folder that lies there, or from one on this computer. */
class PluginInstall extends LightElement {
  static override properties = { over: { state: true }, busy: { state: true } };
  declare over: boolean;
  declare busy: boolean;

  constructor() {
    super();
    this.over = false;
    this.busy = false;
  }

  override render() {
    return html`<section class="card" aria-label="Add a plugin"><h2 class="card-head">Add a plugin</h2>
      <div class="install">
        <div class="drop ${this.over ? 'over' : ''}" @dragover=${(e: DragEvent) => { e.preventDefault(); this.over = true; }} @dragleave=${() => { this.over = false; }} @drop=${this.#drop}>
          ${icon('plug', 24)}<p><strong>Drop a plugin here</strong><br><span class="muted small">Its folder, an archive (.tgz, .zip), or one .ts or .js file. It is copied to the router, loaded now and at every start.</span></p>
          <div class="row"><label class="button" aria-busy=${this.busy}>${this.busy ? 'Installing …' : 'Choose a folder …'}<input class="visually-hidden" type="file" webkitdirectory ?disabled=${this.busy} @change=${this.#chosen}></label>
            <label class="button" aria-busy=${this.busy}>or a file …<input class="visually-hidden" type="file" accept=".tgz,.gz,.zip,.ts,.js,.mjs" ?disabled=${this.busy} @change=${this.#chosen}></label></div>
        </div>
        <form class="stack" @submit=${this.#path}>
          <div class="field"><label for="plugin-folder">Folder on the router, or id</label>
            <input class="input mono" id="plugin-folder" name="folder" required autocomplete="off" spellcheck="false" placeholder="/home/me/my-plugin"></div>
          <div class="row"><button class="button" name="how" value="load" ?disabled=${this.busy}>Load once</button><button class="button" name="how" value="install" ?disabled=${this.busy}>Install</button></div>
          <p class="field-help">A plugin is code that runs inside the router with all its rights. Add only what you trust.</p>
        </form>
      </div></section>`;
  }

  #drop = async (event: DragEvent): Promise<void> => {
    event.preventDefault();
    this.over = false;
    if (event.dataTransfer !== null) await this.#install(dropped(event.dataTransfer));
  };

  #chosen = async (event: Event): Promise<void> => {
    const input = event.target as HTMLInputElement;
    const files = [...input.files ?? []].map((file) => ({ path: file.webkitRelativePath.split('/').slice(1).join('/') || file.name, file }));
    await this.#install(Promise.resolve(files));
    input.value = '';
  };

  async #install(entries: ReturnType<typeof dropped>): Promise<void> {
    this.busy = true;
    try {
      const found = await entries;
      const lone = loneFile(found);
      if (lone !== undefined) {
        await upload(`/plugins/archive?name=${encodeURIComponent(lone.name)}`, lone, {});
        say(`Installed ${lone.name}`);
      } else {
        const files = await filesOf(found);
        if (Object.keys(files).length === 0) throw new Error('there are no files in it');
        await rest('POST', '/plugins', { files, encoding: 'base64' });
        say(`Installed, ${many(Object.keys(files).length, 'file')}`);
      }
    } catch (error) {
      complain(error);
    }
    this.busy = false;
  }

  #path = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const how = (event.submitter as HTMLButtonElement | null)?.value ?? 'load';
    this.busy = true;
    if (await pluginVerb(how, String(new FormData(form).get('folder') ?? '').trim())) form.reset();
    this.busy = false;
  };
}
customElements.define('lc-plugin-install', PluginInstall);
