import { CardsToken, type CardSpec, definePlugin } from '../../../sdk/index.ts';
import { fiveSteps, pantech } from '../families/pantech.ts';

const card: CardSpec = {
  model: 'PC5750', maker: 'Audiovox', title: 'Audiovox PC5750',
  form: ['PC-Card'], technologies: ['1xRTT', 'EVDO-0', 'EVDO-A'],
  match: { usb: ['106c:3702'], ident: ['PC5750', 'PC-5750'] },
  dialect: pantech({ csqSteps: fiveSteps }),
  ports: { 0: 'data', 1: 'unused', 2: 'diagnostic' },
  quirks: { csqSteps: fiveSteps, noVj: true },
};

export default definePlugin({
  id: 'cellular-cards.pc5750',
  title: 'Audiovox PC5750',
  setup(ctx) { ctx.contribute(CardsToken, card); },
});
