import { CardsToken, type CardSpec, definePlugin } from '../../../sdk/index.ts';
import { huaweiCdma } from '../families/huawei-cdma.ts';

const card: CardSpec = {
  model: 'EC321', maker: 'Huawei', title: 'Huawei EC321',
  form: ['PC-Card'], technologies: ['1xRTT'],
  match: { usb: ['12d1:1001', '12d1:1003', '12d1:1411', '12d1:1412', '12d1:140b'], ident: ['EC321'] },
  dialect: huaweiCdma({ evdo: false }),
  ports: { 0: 'data', 1: 'command' },
  storage: { usb: ['12d1:1001', '12d1:1003'], how: { kind: 'control', requestType: 0x00, request: 3, value: 1, index: 0 } },
};

export default definePlugin({
  id: 'cellular-cards.ec321',
  title: 'Huawei EC321',
  setup(ctx) { ctx.contribute(CardsToken, card); },
});
