/** All orders want one article, whose stock is one row, beside orders for a hundred articles. */
import { asking } from '../database.mjs';

const ARTICLES = 100;
const ROUNDS = 3;

export const hotArticle = {
  title: 'one article for all',
  systems: ['once'],
  measure: async (field) => {
    const skus = await putArticles(field.systems.get('once').databases.order);
    return field.measureRounds(
      [
        { title: 'spread over articles', window: 256, skus },
        { title: 'one article', window: 256, skus: skus.slice(0, 1) },
      ],
      { rounds: ROUNDS },
    );
  },
};

const putArticles = async (url) => {
  const skus = Array.from({ length: ARTICLES }, (_, number) => `article-${number}`);
  await asking(url, (ask) =>
    ask(
      `insert into stock_item (sku, unit_amount, currency, available)
       select sku, 1200, 'EUR', 1000000 from unnest($1::text[]) as sku on conflict do nothing`,
      [skus],
    ),
  );
  return skus;
};
