import { CardsToken, type CardSpec, definePlugin } from '../../../sdk/index.ts';
import { ublox } from '../families/ublox.ts';

const card: CardSpec = {
  model: 'TOBY, LARA and SARA', maker: 'u-blox', title: 'u-blox modules',
  form: ['USB'], technologies: ['GSM', 'GPRS', 'EDGE', 'UMTS', 'HSPA', 'LTE'],
  match: { usb: ['1546:1141', '1546:110a', '1546:1102', '1546:1107'] },
  dialect: ublox,
  ports: {},
};

export default definePlugin({
  id: 'cellular-cards.ublox',
  title: card.title,
  setup(ctx) { ctx.contribute(CardsToken, card); },
});
