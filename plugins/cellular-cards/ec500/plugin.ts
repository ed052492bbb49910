import { CardsToken, type CardSpec, definePlugin } from '../../../sdk/index.ts';
import { huaweiCdma } from '../families/huawei-cdma.ts';

const card: CardSpec = {
  model: 'EC500', maker: 'Huawei', title: 'Huawei EC500',
  form: ['PC-Card'], technologies: ['1xRTT', 'EVDO-0'],
  match: { usb: ['12d1:1001', '12d1:1003', '12d1:1411', '12d1:1412', '12d1:140b'], ident: ['EC500'] },
  dialect: huaweiCdma(),
  ports: { 0: 'data' },
  storage: { usb: ['12d1:1001', '12d1:1003'], how: { kind: 'control', requestType: 0x00, request: 3, value: 1, index: 0 } },
  quirks: { noStatusOnline: true },
};

export default definePlugin({
  id: 'cellular-cards.ec500',
  title: 'Huawei EC500',
  setup(ctx) { ctx.contribute(CardsToken, card); },
});
