import { Ctx, Query, Resolver } from 'type-graphql';
import type { ApiContext } from './api-context.js';
import type { Viewer } from './role.js';
import { ViewerType } from './role-graphql.js';

/** Who asks, and from where on to subscribe. */
@Resolver()
export class ViewerResolver {
  @Query(() => ViewerType, { description: 'Who asks, and what it may do.' })
  viewer(@Ctx() { viewer }: ApiContext): Viewer {
    return viewer;
  }

  @Query(() => String, {
    description:
      'The present position of the streams, taken before anything else of the same operation is read: subscribe after it, and nothing between page and stream is missed.',
  })
  liveCursor(@Ctx() { liveCursor }: ApiContext): string {
    if (liveCursor === null) throw new Error('the position of the streams was not taken before the operation');
    return liveCursor;
  }
}
