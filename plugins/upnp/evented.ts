import { type ActionEnv, connectionStatus, defaultService, externalAddress, physicalStatus } from './actions.ts';
import type { Values } from './subscriptions.ts';

/** The evented variables as they are now: Layer3Forwarding:1 §2.3, WANCommonInterfaceConfig:1 §2.3, WANIPConnection:1 §2.3 and :2 §2.3. */
export function evented(env: ActionEnv): Values {
  const wan = env.wan();
  return {
    Layer3Forwarding: [['DefaultConnectionService', defaultService(env)]],
    WANCommonInterfaceConfig: [['PhysicalLinkStatus', physicalStatus(wan)]],
    WANIPConnection: [
      ['PossibleConnectionTypes', 'IP_Routed'], ['ConnectionStatus', connectionStatus(wan)], ['ExternalIPAddress', externalAddress(wan)],
      ['PortMappingNumberOfEntries', String(env.book.size)], ['SystemUpdateID', String(env.book.changes)],
    ],
  };
}
