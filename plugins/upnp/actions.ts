import type { LinkStats } from '../../sdk/index.ts';
import { format4 } from '../../sdk/wire/address.ts';
import type { Book } from './book.ts';
import { mappingActions } from './mapping-actions.ts';
import type { Service } from './services.ts';
import { Fault } from './soap.ts';

/** The uplink as the actions tell of it. */
export interface WanView { readonly name: string; /** 0: none. */ readonly ip: number; readonly up: boolean; readonly uptimeMs: number; readonly cellular: boolean; readonly stats: LinkStats | undefined }

export interface ActionEnv {
  readonly book: Book;
  readonly version: string;
  /** UDN of the device with the connection. */
  readonly connectionUuid: string;
  /** Longest lease (s). */
  readonly longest: number;
  /** ms. */
  now(): number;
  wan(): WanView;
}

export type Results = readonly (readonly [string, string | number])[];
/** `args` are those of the action, all of them there; `from` is who asks. Throws a Fault. */
export type Handler = (args: ReadonlyMap<string, string>, from: number, env: ActionEnv) => Results;

/** Bit/s that an uplink is told to have: of what it can really carry nobody knows (UDA wants a number). */
const ETHERNET_RATE = 1_000_000_000;
const CELLULAR_RATE = 7_200_000;
const done: Results = [];
const ui4 = (n: number): number => n % 2 ** 32;

export const externalAddress = (wan: WanView): string => (wan.ip === 0 ? '' : format4(wan.ip));
export const connectionStatus = (wan: WanView): string => (wan.up ? 'Connected' : 'Disconnected');
export const physicalStatus = (wan: WanView): string => (wan.up ? 'Up' : 'Down');
export const defaultService = (env: ActionEnv): string => `uuid:${env.connectionUuid}:WANConnectionDevice:${env.version},urn:upnp-org:serviceId:WANIPConn1`;

const refuse: Handler = () => { throw new Fault(606); };

const layer3: Readonly<Record<string, Handler>> = {
  SetDefaultConnectionService: refuse,
  GetDefaultConnectionService: (_args, _from, env) => [['NewDefaultConnectionService', defaultService(env)]],
};

const common: Readonly<Record<string, Handler>> = {
  GetCommonLinkProperties(_args, _from, env) {
    const wan = env.wan();
    const rate = wan.cellular ? CELLULAR_RATE : ETHERNET_RATE;
    return [['NewWANAccessType', wan.cellular ? 'POTS' : 'Ethernet'], ['NewLayer1UpstreamMaxBitRate', rate], ['NewLayer1DownstreamMaxBitRate', rate], ['NewPhysicalLinkStatus', physicalStatus(wan)]];
  },
  GetTotalBytesSent: (_args, _from, env) => [['NewTotalBytesSent', ui4(env.wan().stats?.txBytes ?? 0)]],
  GetTotalBytesReceived: (_args, _from, env) => [['NewTotalBytesReceived', ui4(env.wan().stats?.rxBytes ?? 0)]],
  GetTotalPacketsSent: (_args, _from, env) => [['NewTotalPacketsSent', ui4(env.wan().stats?.txPackets ?? 0)]],
  GetTotalPacketsReceived: (_args, _from, env) => [['NewTotalPacketsReceived', ui4(env.wan().stats?.rxPackets ?? 0)]],
};

const connection: Readonly<Record<string, Handler>> = {
  ...mappingActions,
  SetConnectionType: refuse,
  GetConnectionTypeInfo: () => [['NewConnectionType', 'IP_Routed'], ['NewPossibleConnectionTypes', 'IP_Routed']],
  RequestConnection(_args, _from, env) {
    // The router connects by itself; it is not for hosts to say when.
    if (!env.wan().up) throw new Fault(501);
    return done;
  },
  ForceTermination: refuse,
  GetStatusInfo(_args, _from, env) {
    const wan = env.wan();
    return [['NewConnectionStatus', connectionStatus(wan)], ['NewLastConnectionError', 'ERROR_NONE'], ['NewUptime', ui4(Math.floor(wan.uptimeMs / 1000))]];
  },
  GetNATRSIPStatus: () => [['NewRSIPAvailable', 0], ['NewNATEnabled', 1]],
  GetExternalIPAddress: (_args, _from, env) => [['NewExternalIPAddress', externalAddress(env.wan())]],
};

const handlers: Readonly<Record<Service['name'], Readonly<Record<string, Handler>>>> = { Layer3Forwarding: layer3, WANCommonInterfaceConfig: common, WANIPConnection: connection };

/** Does an action of a service. Throws a Fault; 401: it has none of this name, 402: an argument is missing. */
export function act(service: Service, action: string, args: ReadonlyMap<string, string>, from: number, env: ActionEnv): Results {
  const spec = Object.hasOwn(service.actions, action) ? service.actions[action] : undefined;
  const handler = spec ? handlers[service.name][action] : undefined;
  if (!spec || !handler) throw new Fault(401);
  if (spec.in.some(([name]) => !args.has(name))) throw new Fault(402);
  return handler(args, from, env);
}
