import { CardsToken, type CardSpec, definePlugin } from '../../../sdk/index.ts';
import { option } from '../families/option.ts';

const card: CardSpec = {
  model: 'GTMax 7.2', maker: 'Option', title: 'Option GlobeTrotter GTMax 7.2',
  form: ['PC-Card', 'ExpressCard'], technologies: ['GPRS', 'EDGE', 'UMTS', 'HSDPA', 'HSUPA', 'HSPA'],
  match: { usb: ['0af0:6701', '0af0:6721', '0af0:6741', '0af0:6761', '0af0:7001', '0af0:7021', '0af0:7041', '0af0:7061'], ident: ['GTMax 7.2', 'GlobeTrotter', 'GTM378'] },
  dialect: option,
  ports: { 0: 'data', 1: 'diagnostic', 2: 'command' },
  // The id is that of Qualcomm's loader, which many makers left as it is.
  storage: { usb: ['05c6:1000'], vendorText: ['Option', 'GT'], how: { kind: 'bulk', messages: ['55534243123456780000000000000601000000000000000000000000000000'], readAnswer: true } },
};

/** The layout with a network interface: as a disc it has the modem's own id, and the order of its ports is told by none of them. */
const network: CardSpec = {
  ...card,
  match: { usb: ['0af0:6711', '0af0:6731', '0af0:6751', '0af0:6771', '0af0:6791', '0af0:7011', '0af0:7031', '0af0:7051', '0af0:7071'], ident: ['GTMax 7.2', 'GlobeTrotter', 'GTM378'] },
  ports: {},
  storage: { usb: ['0af0:6711', '0af0:6731', '0af0:6751', '0af0:6771', '0af0:6791', '0af0:7011', '0af0:7031', '0af0:7051', '0af0:7071'], how: { kind: 'bulk', messages: ['55534243785634120100000080000601000000000000000000000000000000'], readAnswer: true } },
};

export default definePlugin({
  id: 'cellular-cards.gtmax72',
  title: card.title,
  setup(ctx) {
    ctx.contribute(CardsToken, card);
    ctx.contribute(CardsToken, network);
  },
});
