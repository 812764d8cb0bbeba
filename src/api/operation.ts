import { type DocumentNode, visit } from 'graphql';
import type { ApiContext } from './api-context.js';
import type { MutationRecorder } from './mutation-call.js';
import { OperationLoads } from './operation-loads.js';
import type { Viewer } from './role.js';

/** What the contexts of operations are made from. */
export interface OperationSources {
  readonly currentCursor: () => Promise<string>;
  readonly mutations: MutationRecorder;
  readonly resolver: ApiContext['resolver'];
}

/** The context of one operation. */
export const operationContext = (viewer: Viewer, sources: OperationSources): ApiContext => ({
  viewer,
  loads: new OperationLoads(),
  mutations: sources.mutations,
  liveCursor: null,
  resolver: sources.resolver,
});

/**
 * Reads the position of the streams before the operation begins, where it asks for it: a change that comes between that
 * position and a page of the same operation is then told twice rather than not at all.
 */
export async function takeLiveCursor(
  document: DocumentNode,
  context: ApiContext,
  sources: OperationSources,
): Promise<void> {
  if (mentions(document, 'liveCursor')) context.liveCursor = await sources.currentCursor();
}

function mentions(document: DocumentNode, field: string): boolean {
  let found = false;
  visit(document, {
    Field: (node) => {
      found ||= node.name.value === field;
    },
  });
  return found;
}
