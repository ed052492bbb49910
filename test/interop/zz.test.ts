import { afterAll, beforeAll, describe, it } from 'vitest';
import { Bed, LAN1, LAN2 } from './bed.ts';
import { wait, end } from './namespaces.ts';
describe('x', () => {
  const bed = new Bed(); const { net } = bed;
  beforeAll(() => bed.start(), 60000); afterAll(() => bed.close());
  it('y', async () => {
    const outside = await bed.outside();
    net.start('lan2', ['socat', 'UDP4-RECVFROM:82,fork', 'SYSTEM:echo three $SOCAT_PEERADDR']);
    await bed.configure(`nat.portForwarding add {"name":"range","protocol":"tcp+udp","start":9001,"end":9010,"translateStart":81,"translateEnd":90,"server":"${LAN2}"}`);
    await bed.router.exec(`firewall rule insert wan lan permit to ${LAN2} service tcp+udp/81-90`);
    await wait(300);
    let said = '';
    const d = ['lan1', 'lan2'].map(h => net.start(h, ['tcpdump', '-l', '-n', '-i', 'eth0', 'udp', 'or', 'icmp'], t => { said += `${h} ${t}`; }));
    await wait(700);
    for (let i = 0; i < 3; i++) console.log((await net.run('lan1', ['bash', '-c', `echo hello | socat -t 0.5 - UDP4:${outside}:9002`], 8000)).out.trim());
    await wait(1200);
    for (const x of d) await end(x, 'SIGINT');
    console.log(said); console.log(LAN1, await bed.router.exec('firewall drops'), JSON.stringify(await bed.router.counters()));
  }, 100000);
});
