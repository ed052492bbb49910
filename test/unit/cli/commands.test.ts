import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { helpText, parseCommand, stateDirectory } from '../../../kernel/cli/commands.ts';
import { resolveFolders } from '../../../kernel/cli/remote.ts';
import { temporary } from '../console/rig.ts';

const env = { LANCELL_STATE: '/s' };
const parse = (...argv: string[]) => parseCommand(argv, env);

describe('the words of the process', () => {
  it.each([
    [[], { verb: 'start', lab: 'auto', state: '/s/lab', terminal: true, listen: { host: '127.0.0.1', port: 8411 } }],
    [['start', '--lab', 'memory', '--seed=7', '--no-terminal', '--listen', '0'], { verb: 'start', lab: 'memory', seed: 7, terminal: false, listen: { host: '127.0.0.1', port: 0 } }],
    [['start', '--listen', '[::1]:80', '--state', '/x'], { listen: { host: '::1', port: 80 }, state: '/x' }],
    [['start', '--listen', 'off'], { listen: undefined }],
    [['up', '--lan', 'eth1,eth2', '--wan', 'eth0'], { verb: 'up', lan: ['eth1', 'eth2'], wan: 'eth0', dmz: [], state: '/s' }],
    [['exec', 'ip arp status', '--json'], { verb: 'exec', line: 'ip arp status', json: true }],
    [['exec', 'sys', 'hostname', 'a b'], { line: 'sys hostname "a b"' }],
    [['exec', '--', 'ping', '-c'], { line: 'ping -c' }],
    [['console'], { verb: 'console', url: undefined, state: '/s' }],
    [['console', 'ws://h:1/#t'], { url: 'ws://h:1/#t' }],
    [['console', 'https://h:1/', '--token', 't', '--fingerprint', 'aa'.repeat(32)], { url: 'https://h:1/', token: 't', fingerprint: `sha256:${Array(32).fill('AA').join(':')}` }],
    [['exec', '--url', 'https://h', 'flow list'], { verb: 'exec', line: 'flow list', url: 'https://h', token: undefined, fingerprint: undefined }],
    [['plugin', '--url=https://h', 'list'], { verb: 'plugin', words: ['list'], url: 'https://h' }],
    [['plugin', 'list'], { verb: 'plugin', words: ['list'] }],
    [['lab', 'exec', 'lan1', '--', 'curl', '-s', 'http://inet1/'], { verb: 'lab', host: 'lan1', argv: ['curl', '-s', 'http://inet1/'] }],
    [['lab', 'exec', 'lan1', 'curl', '-s', 'x'], { argv: ['curl', '-s', 'x'] }],
    [['lab', 'card', 'signal', '-97', '--state', '/x'], { verb: 'exec', line: 'lab card signal -97', state: '/x' }],
    [['lab', 'card', 'import', 'package.json'], { line: `lab card import ${join(process.cwd(), 'package.json')}` }],
    [['--version'], { verb: 'version' }],
    [['version'], { verb: 'version' }],
    [['up', '--help'], { verb: 'help' }],
    [['help', 'up'], { verb: 'help' }],
  ])('%j', (argv, expected) => expect(parse(...argv)).toMatchObject(expected));

  it.each([
    [['go'], "there is no command 'go'; there are: start, up, exec"],
    [['toString'], "there is no command 'toString'"],
    [['start', '--lap', 'x'], "unknown option '--lap'; allowed: --lab, --seed, --state, --listen, --no-terminal, --password-file"],
    [['start', '--lab'], '--lab needs a value: KIND'],
    [['start', '--lab', 'x'], 'allowed: auto, namespace, memory'],
    [['start', '--no-terminal=1'], '--no-terminal takes no value'],
    [['start', '--listen', 'h:99999'], 'allowed: HOST:PORT, PORT or off'],
    [['start', 'now'], "'now' is one word too many"],
    [['up', '--wan', 'eth0'], '--lan is missing'],
    [['up', '--lan', 'eth0', '--wan', 'eth0'], "the interface 'eth0' is named twice"],
    [['exec'], 'the line to run is missing'],
    [['console', 'https://h', '--fingerprint', 'sha256:12'], "--fingerprint is 'sha256:12'; allowed: sha256: and 64 hexadecimal digits"],
    [['exec', '--token', 't', 'x'], '--token is for a router elsewhere: its URL is missing'],
    [['lab', 'run'], "unknown word 'run'; allowed: exec, card"],
    [['lab', 'exec', 'lan1', '--'], 'the command to run is missing'],
  ])('%j is refused with what is allowed', (argv, text) => {
    const command = parse(...argv);
    expect(command.verb).toBe('wrong');
    expect(command).toHaveProperty('text', expect.stringContaining(text));
  });

  it('talks to the lab when only a lab runs', () => {
    const directory = temporary();
    const chosen = () => parseCommand(['exec', 'x'], { LANCELL_STATE: directory });
    expect(chosen()).toMatchObject({ state: directory });
    mkdirSync(join(directory, 'lab'));
    writeFileSync(join(directory, 'lab', 'console.sock'), '');
    expect(chosen()).toMatchObject({ state: join(directory, 'lab') });
    writeFileSync(join(directory, 'console.sock'), '');
    expect(chosen()).toMatchObject({ state: directory });
  });

  it('explains every command', () => {
    for (const verb of ['start', 'up', 'exec', 'console', 'plugin', 'lab', 'version', 'help']) {
      expect(helpText()).toContain(`lancell ${verb}`);
      expect(helpText(verb)).toContain(`lancell ${verb}`);
    }
  });

  it('finds the state directory', () => {
    expect(stateDirectory({ LANCELL_STATE: '/a' }, false)).toBe('/a');
    expect(stateDirectory({}, true)).toBe('/var/lib/lancell');
    expect(stateDirectory({ XDG_STATE_HOME: '/b' }, false)).toBe('/b/lancell');
  });

  it('makes folders absolute and leaves ids alone', () => {
    expect(resolveFolders(['load', './x'], '/w')).toEqual(['load', '/w/x']);
    expect(resolveFolders(['load', '../x', '/y'], '/w')).toEqual(['load', '/x', '/y']);
    expect(resolveFolders(['new', 'meter'], '/w')).toEqual(['new', '/w/meter']);
    // The project's own folder has examples/plugins/meter; an id is an id all the same.
    const examples = fileURLToPath(new URL('../../../examples/plugins', import.meta.url));
    expect(resolveFolders(['load', 'meter'], examples)).toEqual(['load', join(examples, 'meter')]);
    expect(resolveFolders(['unload', 'meter'], examples)).toEqual(['unload', 'meter']);
    expect(resolveFolders(['reload', 'nat', '--force', 'https://x/y'], '/w')).toEqual(['reload', 'nat', '--force', 'https://x/y']);
  });
});
