import { type HostInfo, wires, type HostName } from '../topology.ts';

/**
 * A tmpfs of each host's own lies over this folder (it exists on every Linux): files written there are seen by nobody
 * else and go with the namespace.
 */
export const OWN = '/dev/shm';

/** IPv6 would make noise on the wires; /proc/sys may be read-only in a container, and then it does. */
const quiet = `
echo 1 2>/dev/null > /proc/sys/net/ipv6/conf/all/disable_ipv6 || :
echo 1 2>/dev/null > /proc/sys/net/ipv6/conf/default/disable_ipv6 || :
ip link set lo up
`;

/** The router's namespace: the near ends of all wires, without addresses, forwarding nothing by itself. */
export const routerScript = (pidOf: (host: HostName) => number, macOf: (host: HostName) => string): string => `
${quiet}
echo 0 2>/dev/null > /proc/sys/net/ipv4/ip_forward || :
${wires.map(w => `
ip link add ${w.name} address ${w.mac} type veth peer name eth0 address ${macOf(w.host)} netns ${pidOf(w.host)}
ip link set ${w.name} up`).join('\n')}
`;

/** Files of the host's own; what does not exist in /etc here cannot be covered and is left out. */
const etc = (h: HostInfo): string => {
  const files: Record<string, string> = {
    'resolv.conf': `nameserver ${h.nameserver}\noptions timeout:2 attempts:2`,
    hosts: `127.0.0.1 localhost\n127.0.1.1 ${h.name}.local`,
    // The host's systemd-resolved or mDNS must not answer for the lab.
    'nsswitch.conf': 'hosts: files dns',
  };
  return Object.entries(files).map(([name, text]) => `
if [ -e /etc/${name} ]; then
cat > ${OWN}/${name} <<'END'
${text}
END
mount --bind ${OWN}/${name} /etc/${name}
fi`).join('\n');
};

/** A host before its wire is there. */
export const hostScript = (h: HostInfo): string => `
mount -t tmpfs -o mode=0755 lab-${h.name} ${OWN}
${etc(h)}
${quiet}
${h.also.map(a => `ip address add ${a}/32 dev lo`).join('\n')}
`;

/** A host's address, given by us and not by DHCP. */
export const staticScript = (h: HostInfo): string => `
ip link set eth0 up
ip address replace ${h.address}/${h.bits} dev eth0
${h.gateway ? `ip route replace default via ${h.gateway}` : ''}
`;
