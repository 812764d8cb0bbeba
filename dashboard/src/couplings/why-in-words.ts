interface Standing {
  readonly state: string;
  readonly error: { readonly message: string } | null;
}

const words: Readonly<Record<string, string>> = {
  COUPLED: 'The last synchronization of the pair succeeded.',
  PENDING: 'It waits for its next run.',
  WAITING: 'It refers to a record that is not coupled yet, and goes on by itself when that is.',
  CONFLICT: 'Both sides changed the same field, and no rule decides. Choose below what shall stand.',
  FAILED: 'It could not be written, and is tried again.',
  SKIPPED: 'It is left out until it is tried again by hand, or until either record or the mapping changes.',
  BROKEN: 'One of the two records is gone.',
};

/** Why a pair is in its state, in a sentence or two. */
export const whyInWords = ({ state, error }: Standing): string =>
  [words[state], error && asSentence(error.message)].filter(Boolean).join(' ');

const asSentence = (text: string): string =>
  text === '' ? '' : `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
