import type { UserError } from '../graphql/use-action';

/** What the service said about the value at this place of a form's input. */
export const problemAt = (userErrors: readonly UserError[], ...path: readonly string[]): string =>
  userErrors
    .filter(({ field }) => path.every((part, index) => field?.[index] === part))
    .map(({ message }) => message)
    .join(' ');

/** What the service said that no field of the form shows. */
export const otherProblems = (userErrors: readonly UserError[], shown: readonly string[]): string =>
  userErrors
    .filter(({ field }) => !shown.includes(field?.[0] ?? ''))
    .map(({ message }) => message)
    .join(' ');
