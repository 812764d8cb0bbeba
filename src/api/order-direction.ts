import { graphqlEnum } from './graphql-enum.js';

export const OrderDirectionEnum = graphqlEnum<'ASC' | 'DESC'>('OrderDirection', 'Which way a list is ordered.', {
  ASC: 'Smallest, first or oldest at the beginning.',
  DESC: 'Largest, last or newest at the beginning.',
});
