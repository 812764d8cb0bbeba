/** The words that a search by beginnings of words looks at, each once, in small letters; they hold letters and digits only. */
export const searchWordsOf = (...texts: readonly string[]): string[] => [
  ...new Set(texts.flatMap((text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u)).filter((word) => word !== '')),
];
