import { OWN } from './setup.ts';
import { installed } from './run.ts';

/** A DHCP client of the system, and how to run it so that it touches nothing outside its namespaces. */
export interface DhcpClient { readonly name: string; readonly argv: (host: string) => string[] }

const script = `${OWN}/dhcp-script`;

const clients: readonly { readonly name: string; readonly program: string; readonly argv: (host: string) => string[] }[] = [
  { name: 'udhcpc', program: 'udhcpc', argv: host => ['udhcpc', '-f', '-i', 'eth0', '-s', script, '-x', `hostname:${host}`, '-t', '10', '-T', '1', '-A', '1'] },
  { name: 'busybox udhcpc', program: 'busybox', argv: host => ['busybox', 'udhcpc', '-f', '-i', 'eth0', '-s', script, '-x', `hostname:${host}`, '-t', '10', '-T', '1', '-A', '1'] },
  { name: 'dhclient', program: 'dhclient', argv: () => ['dhclient', '-4', '-d', '-sf', script, '-lf', `${OWN}/leases`, '-pf', `${OWN}/dhclient.pid`, '-cf', `${OWN}/dhclient.conf`, 'eth0'] },
];

/** The first real client that is installed, or the one of that name. */
export async function findDhcpClient(only?: string): Promise<DhcpClient | undefined> {
  for (const c of clients) if ((only ?? c.name) === c.name && await installed(c.program)) return c;
  return undefined;
}

/**
 * Writes the script that both clients call in place of the system's own, which would change the host. udhcpc says what
 * happened in $1 and the facts in $ip $mask $router $dns; dhclient in $reason and $new_….
 */
export const writeDhcpScript = (host: string): string => `
printf 'send host-name "%s";\\nrequest subnet-mask, routers, domain-name-servers;\\ninitial-interval 1;\\ntimeout 20;\\nretry 5;\\nbackoff-cutoff 2;\\n' ${host} > ${OWN}/dhclient.conf
: > ${OWN}/leases
cat > ${script} <<'END'
#!/bin/sh
PATH=$PATH:/usr/sbin:/sbin
event=\${1:-$reason}
dev=\${interface:-eth0}
address=\${ip:-$new_ip_address}
net=\${mask:-$new_subnet_mask}
gateways=\${router:-$new_routers}
servers=\${dns:-$new_domain_name_servers}
case $event in
  deconfig|PREINIT|EXPIRE|RELEASE|STOP)
    ip address flush dev "$dev"
    ip link set "$dev" up ;;
  bound|renew|BOUND|RENEW|REBIND|REBOOT)
    held=$(ip -4 -o address show dev "$dev" | grep -c "inet $address/")
    [ "$held" = 1 ] || ip address flush dev "$dev"
    ip address replace "$address/$net" dev "$dev"
    for gateway in $gateways; do ip route replace default via "$gateway" dev "$dev"; break; done
    [ -z "$servers" ] || { for server in $servers; do echo "nameserver $server"; done; echo 'options timeout:2 attempts:2'; } > /etc/resolv.conf ;;
esac
exit 0
END
chmod 755 ${script}
`;
