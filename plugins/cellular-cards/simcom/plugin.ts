import { CardsToken, type CardSpec, definePlugin } from '../../../sdk/index.ts';
import { simcom } from '../families/simcom.ts';

const card: CardSpec = {
  model: 'SIM7000 to A7670', maker: 'SIMCom', title: 'SIMCom modules',
  form: ['USB'], technologies: ['GSM', 'GPRS', 'EDGE', 'UMTS', 'HSPA', 'LTE', 'NR5G'],
  match: { usb: ['1e0e:9001'] },
  dialect: simcom,
  ports: { 0: 'diagnostic', 1: 'unused', 2: 'command', 3: 'data', 4: 'unused' },
};

export default definePlugin({
  id: 'cellular-cards.simcom',
  title: card.title,
  setup(ctx) { ctx.contribute(CardsToken, card); },
});
