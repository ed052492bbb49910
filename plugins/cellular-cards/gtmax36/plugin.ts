import { CardsToken, type CardSpec, definePlugin } from '../../../sdk/index.ts';
import { option } from '../families/option.ts';

const card: CardSpec = {
  model: 'GTMax 3.6', maker: 'Option', title: 'Option GlobeTrotter GTMax 3.6',
  form: ['PC-Card', 'ExpressCard'], technologies: ['GPRS', 'EDGE', 'UMTS', 'HSDPA'],
  match: { usb: ['0af0:6600', '0af0:6601'], ident: ['GTMax 3.6', 'GlobeTrotter', 'GTM378'] },
  dialect: option,
  ports: { 0: 'data', 1: 'diagnostic', 2: 'command' },
  // The id is that of Qualcomm's loader, which many makers left as it is.
  storage: { usb: ['05c6:1000'], vendorText: ['Option', 'GT'], how: { kind: 'bulk', messages: ['55534243123456780000000000000601000000000000000000000000000000'], readAnswer: true } },
};

export default definePlugin({
  id: 'cellular-cards.gtmax36',
  title: card.title,
  setup(ctx) { ctx.contribute(CardsToken, card); },
});
