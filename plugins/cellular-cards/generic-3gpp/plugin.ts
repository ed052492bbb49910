import { CardsToken, type CardSpec, definePlugin } from '../../../sdk/index.ts';
import { generic3gpp } from '../families/three-gpp.ts';

const card: CardSpec = {
  model: '3GPP', maker: '', title: 'Any card that keeps to 3GPP TS 27.007',
  form: ['PC-Card', 'ExpressCard', 'USB'], technologies: ['GSM', 'GPRS', 'EDGE', 'UMTS', 'HSDPA', 'HSUPA', 'HSPA', 'HSPA+', 'LTE', 'NR5G'],
  match: { usb: [] },
  dialect: generic3gpp,
  ports: {},
};

export default definePlugin({
  id: 'cellular-cards.generic-3gpp',
  title: card.title,
  setup(ctx) { ctx.contribute(CardsToken, card); },
});
