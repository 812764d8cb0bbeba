import 'reflect-metadata';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import { lexicographicSortSchema } from 'graphql';
import { buildApiSchema } from './build-schema.js';

/** The schema of the API as text: with its descriptions, defaults and applied directives, in an order that does not depend on the code's. */
export function emittedSchema(): string {
  const container = {
    get: () => {
      throw new Error('the schema is only printed');
    },
  };
  return `${printSchemaWithDirectives(lexicographicSortSchema(buildApiSchema(container)))}\n`;
}

const DEFAULT_PATH = 'schema/schema.graphql';

// The command: writes the file, or with --check tells whether the file is what would be written.
async function main(args: readonly string[]): Promise<number> {
  const path = resolve(args.find((arg) => !arg.startsWith('--')) ?? DEFAULT_PATH);
  const text = emittedSchema();
  if (!args.includes('--check')) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    return 0;
  }
  const present = await readFile(path, 'utf8').catch(() => null);
  if (present === text) return 0;
  process.stderr.write(
    `${path} ${present === null ? 'is missing' : 'is not the schema of the code'}; run "npm run schema" and commit it\n`,
  );
  return 1;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = await main(process.argv.slice(2));
}
