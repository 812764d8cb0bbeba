/** Every page of the dashboard that is reached by its navigation. */
export const listPages = [
  '/',
  '/entries',
  '/runs',
  '/couplings',
  '/errors',
  '/mappings',
  '/rules',
  '/full',
  '/connections',
  '/tokens',
  '/audit',
];
