/** How many a page has that does not say: more than a screen shows, small enough to be one quick read. */
export const DEFAULT_PAGE = 20;

/** How many a page may have. */
export const LARGEST_PAGE = 100;
