import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DefinitionNode, type FragmentDefinitionNode, Kind, parse, print, visit } from 'graphql';

export interface DashboardOperation {
  readonly name: string;
  readonly kind: 'query' | 'mutation' | 'subscription';
  /** With the fragments that it uses. */
  readonly document: string;
  /** Names and types of its variables. */
  readonly variables: Readonly<Record<string, string>>;
}

const FOLDER = 'dashboard/src';
const CALL = /graphql\(\s*`([\s\S]*?)`/g;

/** Every operation that the pages of the dashboard send, as it stands in their sources. */
export function dashboardOperations(): readonly DashboardOperation[] {
  const definitions = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path))
    .flatMap((path) => [...readFileSync(join(FOLDER, path), 'utf8').matchAll(CALL)])
    .flatMap(([, text = '']) => parse(text).definitions);
  const fragments = new Map(
    definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [])),
  );
  return definitions.flatMap((node) =>
    node.kind === Kind.OPERATION_DEFINITION
      ? [
          {
            name: node.name?.value ?? '',
            kind: node.operation,
            document: [node, ...fragmentsOf(node, fragments)].map(print).join('\n'),
            variables: Object.fromEntries(
              (node.variableDefinitions ?? []).map(({ variable, type }) => [variable.name.value, print(type)]),
            ),
          },
        ]
      : [],
  );
}

function fragmentsOf(
  definition: DefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): ReadonlySet<FragmentDefinitionNode> {
  const used = new Set<FragmentDefinitionNode>();
  const collect = (node: DefinitionNode): void => {
    visit(node, {
      FragmentSpread: ({ name }) => {
        const fragment = fragments.get(name.value);
        if (fragment === undefined || used.has(fragment)) return;
        used.add(fragment);
        collect(fragment);
      },
    });
  };
  collect(definition);
  return used;
}
