import { CardsToken, type CardSpec, definePlugin } from '../../../sdk/index.ts';
import { huaweiGsm } from '../families/huawei-gsm.ts';

const card: CardSpec = {
  model: 'E620', maker: 'Huawei', title: 'Huawei E620 Mobile Connect',
  form: ['PC-Card'], technologies: ['GPRS', 'EDGE', 'UMTS', 'HSDPA'],
  match: { usb: ['12d1:1001'], ident: ['E620'] },
  dialect: huaweiGsm,
  ports: { 0: 'data', 2: 'command' },
  storage: { usb: ['12d1:1001', '12d1:1003'], how: { kind: 'control', requestType: 0x00, request: 3, value: 1, index: 0 } },
};

export default definePlugin({
  id: 'cellular-cards.e620',
  title: card.title,
  setup(ctx) { ctx.contribute(CardsToken, card); },
});
