/** Type of a state variable as UDA 1.1 §2.5 names it, and the values a string may have. */
export interface Variable { readonly type: 'ui2' | 'ui4' | 'i4' | 'boolean' | 'string'; readonly allowed?: readonly string[]; /** Subscribers are told when it changes. */ readonly evented?: true }
/** Arguments by name, with their state variable. */
export interface Action { readonly in: readonly (readonly [string, string])[]; readonly out: readonly (readonly [string, string])[] }
export interface Service {
  readonly name: 'Layer3Forwarding' | 'WANCommonInterfaceConfig' | 'WANIPConnection';
  readonly id: string;
  /** Whether its type follows the version of the gateway. */
  readonly versioned: boolean;
  /** Paths of its description, its actions and its events. */
  readonly scpd: string;
  readonly control: string;
  readonly events: string;
  readonly actions: Readonly<Record<string, Action>>;
  readonly variables: Readonly<Record<string, Variable>>;
}

const none: Action['in'] = [];
const get = (...out: Action['out']): Action => ({ in: none, out });
const set = (...args: Action['in']): Action => ({ in: args, out: none });

const string: Variable = { type: 'string' };
const counter: Variable = { type: 'ui4' };

const layer3: Service = {
  name: 'Layer3Forwarding', id: 'urn:upnp-org:serviceId:L3Forwarding1', versioned: false, scpd: '/L3F.xml', control: '/ctl/L3F', events: '/evt/L3F',
  actions: {
    SetDefaultConnectionService: set(['NewDefaultConnectionService', 'DefaultConnectionService']),
    GetDefaultConnectionService: get(['NewDefaultConnectionService', 'DefaultConnectionService']),
  },
  variables: { DefaultConnectionService: { type: 'string', evented: true } },
};

const common: Service = {
  name: 'WANCommonInterfaceConfig', id: 'urn:upnp-org:serviceId:WANCommonIFC1', versioned: false, scpd: '/WANCfg.xml', control: '/ctl/CmnIfCfg', events: '/evt/CmnIfCfg',
  actions: {
    GetCommonLinkProperties: get(['NewWANAccessType', 'WANAccessType'], ['NewLayer1UpstreamMaxBitRate', 'Layer1UpstreamMaxBitRate'],
      ['NewLayer1DownstreamMaxBitRate', 'Layer1DownstreamMaxBitRate'], ['NewPhysicalLinkStatus', 'PhysicalLinkStatus']),
    GetTotalBytesSent: get(['NewTotalBytesSent', 'TotalBytesSent']),
    GetTotalBytesReceived: get(['NewTotalBytesReceived', 'TotalBytesReceived']),
    GetTotalPacketsSent: get(['NewTotalPacketsSent', 'TotalPacketsSent']),
    GetTotalPacketsReceived: get(['NewTotalPacketsReceived', 'TotalPacketsReceived']),
  },
  variables: {
    WANAccessType: { type: 'string', allowed: ['DSL', 'POTS', 'Cable', 'Ethernet'] }, Layer1UpstreamMaxBitRate: counter, Layer1DownstreamMaxBitRate: counter,
    PhysicalLinkStatus: { type: 'string', allowed: ['Up', 'Down', 'Initializing', 'Unavailable'], evented: true },
    TotalBytesSent: counter, TotalBytesReceived: counter, TotalPacketsSent: counter, TotalPacketsReceived: counter,
  },
};

const remote = ['NewRemoteHost', 'RemoteHost'] as const;
const external = ['NewExternalPort', 'ExternalPort'] as const;
const protocol = ['NewProtocol', 'PortMappingProtocol'] as const;
const internal = [['NewInternalPort', 'InternalPort'], ['NewInternalClient', 'InternalClient'], ['NewEnabled', 'PortMappingEnabled'],
  ['NewPortMappingDescription', 'PortMappingDescription'], ['NewLeaseDuration', 'PortMappingLeaseDuration']] as const;
const span = [['NewStartPort', 'ExternalPort'], ['NewEndPort', 'ExternalPort'], protocol, ['NewManage', 'A_ARG_TYPE_Manage']] as const;

const connection: Service = {
  name: 'WANIPConnection', id: 'urn:upnp-org:serviceId:WANIPConn1', versioned: true, scpd: '/WANIPCn.xml', control: '/ctl/IPConn', events: '/evt/IPConn',
  actions: {
    SetConnectionType: set(['NewConnectionType', 'ConnectionType']),
    GetConnectionTypeInfo: get(['NewConnectionType', 'ConnectionType'], ['NewPossibleConnectionTypes', 'PossibleConnectionTypes']),
    RequestConnection: set(),
    ForceTermination: set(),
    GetStatusInfo: get(['NewConnectionStatus', 'ConnectionStatus'], ['NewLastConnectionError', 'LastConnectionError'], ['NewUptime', 'Uptime']),
    GetNATRSIPStatus: get(['NewRSIPAvailable', 'RSIPAvailable'], ['NewNATEnabled', 'NATEnabled']),
    GetGenericPortMappingEntry: { in: [['NewPortMappingIndex', 'PortMappingNumberOfEntries']], out: [remote, external, protocol, ...internal] },
    GetSpecificPortMappingEntry: { in: [remote, external, protocol], out: internal },
    AddPortMapping: set(remote, external, protocol, ...internal),
    AddAnyPortMapping: { in: [remote, external, protocol, ...internal], out: [['NewReservedPort', 'ExternalPort']] },
    DeletePortMapping: set(remote, external, protocol),
    DeletePortMappingRange: set(...span),
    GetExternalIPAddress: get(['NewExternalIPAddress', 'ExternalIPAddress']),
    GetListOfPortMappings: { in: [...span, ['NewNumberOfPorts', 'PortMappingNumberOfEntries']], out: [['NewPortListing', 'A_ARG_TYPE_PortListing']] },
  },
  variables: {
    ConnectionType: string, PossibleConnectionTypes: { type: 'string', allowed: ['Unconfigured', 'IP_Routed', 'IP_Bridged'], evented: true },
    ConnectionStatus: { type: 'string', allowed: ['Unconfigured', 'Connecting', 'Connected', 'PendingDisconnect', 'Disconnecting', 'Disconnected'], evented: true },
    Uptime: counter, LastConnectionError: { type: 'string', allowed: ['ERROR_NONE', 'ERROR_UNKNOWN'] },
    RSIPAvailable: { type: 'boolean' }, NATEnabled: { type: 'boolean' }, ExternalIPAddress: { type: 'string', evented: true }, PortMappingNumberOfEntries: { type: 'ui2', evented: true },
    SystemUpdateID: { type: 'ui4', evented: true },
    PortMappingEnabled: { type: 'boolean' }, PortMappingLeaseDuration: counter, RemoteHost: string, ExternalPort: { type: 'ui2' }, InternalPort: { type: 'ui2' },
    PortMappingProtocol: { type: 'string', allowed: ['TCP', 'UDP'] }, InternalClient: string, PortMappingDescription: string,
    A_ARG_TYPE_Manage: { type: 'boolean' }, A_ARG_TYPE_PortListing: string,
  },
};

export const services: readonly Service[] = [layer3, common, connection];
export const serviceType = (s: Service, version: string): string => `urn:schemas-upnp-org:service:${s.name}:${s.versioned ? version : '1'}`;
