import { type Action, type Service, services, serviceType } from './services.ts';
import { branch, DECLARE, leaf } from './xml.ts';

/** What the device says it is. The three identifiers are UUIDs and stay the same over restarts. */
export interface Identity { readonly root: string; readonly wan: string; readonly connection: string; readonly version: string; readonly release: string }

/** UDA 1.1 §1.2.2: system, UPnP version, product. */
export const serverName = (release: string): string => `Linux/1.0 UPnP/1.1 lancell/${release}`;

export const ROOT_PATH = '/rootDesc.xml';
const device = (kind: string, version: string): string => `urn:schemas-upnp-org:device:${kind}:${version}`;
const major = '<specVersion><major>1</major><minor>1</minor></specVersion>';

/** Devices of the gateway, outermost first, and the services of each. */
export const devices = (id: Identity) => [
  { type: device('InternetGatewayDevice', id.version), uuid: id.root, name: 'lancell router', services: services.filter(s => s.name === 'Layer3Forwarding') },
  { type: device('WANDevice', id.version), uuid: id.wan, name: 'WAN', services: services.filter(s => s.name === 'WANCommonInterfaceConfig') },
  { type: device('WANConnectionDevice', id.version), uuid: id.connection, name: 'WAN connection', services: services.filter(s => s.name === 'WANIPConnection') },
] as const;

/** The device description (UDA 1.1 §2.3); the devices stand inside one another. */
export function rootDescription(id: Identity): string {
  const inner = devices(id).reduceRight((within, d) => branch('device',
    leaf('deviceType', d.type), leaf('friendlyName', d.name), leaf('manufacturer', 'lancell'), leaf('modelDescription', 'Software router'), leaf('modelName', 'lancell'),
    leaf('modelNumber', id.release), leaf('serialNumber', id.root), leaf('UDN', `uuid:${d.uuid}`),
    branch('serviceList', ...d.services.map(s => branch('service', leaf('serviceType', serviceType(s, id.version)), leaf('serviceId', s.id),
      leaf('SCPDURL', s.scpd), leaf('controlURL', s.control), leaf('eventSubURL', s.events)))),
    within === '' ? '' : branch('deviceList', within)), '');
  return `${DECLARE}<root xmlns="urn:schemas-upnp-org:device-1-0">${major}${inner}</root>\r\n`;
}

/** A service description (UDA 1.1 §2.5). */
export function serviceDescription(s: Service): string {
  const actions = Object.entries(s.actions).map(([name, a]) => branch('action', leaf('name', name), argumentList(a)));
  const variables = Object.entries(s.variables).map(([name, v]) => `<stateVariable sendEvents="${v.evented ? 'yes' : 'no'}">${leaf('name', name)}${leaf('dataType', v.type)}${
    v.allowed ? branch('allowedValueList', ...v.allowed.map(value => leaf('allowedValue', value))) : ''}</stateVariable>`);
  return `${DECLARE}<scpd xmlns="urn:schemas-upnp-org:service-1-0">${major}${branch('actionList', ...actions)}${branch('serviceStateTable', ...variables)}</scpd>\r\n`;
}

function argumentList(a: Action): string {
  const all = [...a.in.map(arg => [...arg, 'in'] as const), ...a.out.map(arg => [...arg, 'out'] as const)];
  return all.length === 0 ? '' : branch('argumentList', ...all.map(([name, variable, direction]) =>
    branch('argument', leaf('name', name), leaf('direction', direction), leaf('relatedStateVariable', variable))));
}
