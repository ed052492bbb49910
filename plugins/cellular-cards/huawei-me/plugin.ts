import { CardsToken, type CardSpec, definePlugin } from '../../../sdk/index.ts';
import { huaweiMe } from '../families/huawei-me.ts';

const card: CardSpec = {
  model: 'ME series', maker: 'Huawei', title: 'Huawei ME modules and sticks for LTE',
  form: ['USB'], technologies: ['GSM', 'GPRS', 'EDGE', 'UMTS', 'HSPA', 'HSPA+', 'LTE'],
  match: { usb: ['12d1:1573', '12d1:1570', '12d1:1506'] },
  dialect: huaweiMe,
  ports: {},
};

export default definePlugin({
  id: 'cellular-cards.huawei-me',
  title: card.title,
  setup(ctx) { ctx.contribute(CardsToken, card); },
});
