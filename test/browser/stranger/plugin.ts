import { definePlugin } from 'lancell/sdk';
import { parse4 } from 'lancell/sdk/wire/address';
import * as dhcp from 'lancell/sdk/wire/dhcp';
import * as ethernet from 'lancell/sdk/wire/ethernet';
import * as ipv4 from 'lancell/sdk/wire/ipv4';
import * as udp from 'lancell/sdk/wire/udp';

const MAC = Uint8Array.of(0x02, 0x66, 0x66, 0x66, 0x66, 0x66);
/** As a host on the wire might call itself; option 12 holds any octets. */
const NAME = '<img src=x onerror=alert(1)><b>x</b>';
const BROADCAST = 0xffff_ffff;

/** A host on port1 with a hostile name, played in frames that the port receives: it asks for an address and takes the one that it is offered. */
export default definePlugin({
  id: 'stranger',
  setup(ctx) {
    const say = (type: number, more: dhcp.Options): void => {
      const data = dhcp.emit({
        op: dhcp.OP_REQUEST, htype: 1, hops: 0, xid: 0x6666, secs: 0, broadcast: true, ciaddr: 0, yiaddr: 0, siaddr: 0, giaddr: 0, chaddr: MAC, sname: '', file: '',
        type, options: { [dhcp.OPTION_HOST_NAME]: new TextEncoder().encode(NAME), ...more },
      });
      const p = ctx.packets.take()!;
      const [l3, l4] = [p.off + ethernet.HEADER, p.off + ethernet.HEADER + ipv4.HEADER];
      p.len = ethernet.HEADER + ipv4.HEADER + udp.HEADER + data.length;
      ethernet.write(p.buf, p.off, new Uint8Array(6).fill(0xff), MAC, ethernet.TYPE_IPV4);
      ipv4.write(p.buf, l3, { src: 0, dst: BROADCAST, proto: ipv4.PROTO_UDP, totalLen: p.len - ethernet.HEADER });
      udp.write(p.buf, l4, dhcp.CLIENT_PORT, dhcp.SERVER_PORT, udp.HEADER + data.length);
      p.buf.set(data, l4 + udp.HEADER);
      udp.writeChecksum(p.buf, l4, 0, BROADCAST);
      ctx.packets.inject(p, ctx.links.byName('port1')!.id);
    };
    ctx.stage({
      slot: 'egress.tap', name: 'stranger.ear',
      process(batch) {
        for (let i = 0; i < batch.n; i++) {
          const p = batch.at(i);
          const l4 = p.off + ethernet.HEADER + ipv4.HEADER;
          if (p.etherType !== ethernet.TYPE_IPV4 || p.len < 282 || udp.dstPort(p.buf, l4) !== dhcp.CLIENT_PORT) continue;
          const message = dhcp.parse(p.buf, l4 + udp.HEADER, p.off + p.len);
          if (message?.xid !== 0x6666 || message.type !== dhcp.OFFER) continue;
          const server = dhcp.address(message.options, dhcp.OPTION_SERVER_ID) ?? parse4('192.168.1.1')!;
          ctx.clock.after(1, () => say(dhcp.REQUEST, { [dhcp.OPTION_REQUESTED_ADDRESS]: dhcp.ofAddresses(message.yiaddr), [dhcp.OPTION_SERVER_ID]: dhcp.ofAddresses(server) }));
        }
      },
    });
    say(dhcp.DISCOVER, {});
  },
});
