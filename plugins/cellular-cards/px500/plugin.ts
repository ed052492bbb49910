import { CardsToken, type CardSpec, definePlugin } from '../../../sdk/index.ts';
import { fiveSteps, pantech } from '../families/pantech.ts';

const card: CardSpec = {
  model: 'PX-500', maker: 'Pantech', title: 'Pantech PX-500',
  form: ['PC-Card'], technologies: ['1xRTT', 'EVDO-0', 'EVDO-A'],
  match: { usb: ['106c:3702'], ident: ['PX-500', 'PX500'] },
  dialect: pantech({ csqSteps: fiveSteps }),
  ports: { 0: 'data', 1: 'unused', 2: 'diagnostic' },
  quirks: { csqSteps: fiveSteps, noVj: true },
};

export default definePlugin({
  id: 'cellular-cards.px500',
  title: 'Pantech PX-500',
  setup(ctx) { ctx.contribute(CardsToken, card); },
});
