import { Icon } from './icon';

const looks = {
  TO_INTEGRATION_TABLE: { icon: 'right', words: 'To Dataverse' },
  FROM_INTEGRATION_TABLE: { icon: 'left', words: 'To business' },
  BIDIRECTIONAL: { icon: 'both', words: 'Both ways' },
} as const;

export type SynchDirection = keyof typeof looks;

/** Within a sentence. */
export const directionWords = (direction: SynchDirection): string => {
  const { words } = looks[direction];
  return words.charAt(0).toLowerCase() + words.slice(1);
};

/** Directions are seen from the business system, which stands on the left. */
export function Direction({ of }: { readonly of: SynchDirection }) {
  const { icon, words } = looks[of];
  return (
    <span className="direction">
      <Icon name={icon} />
      {words}
    </span>
  );
}
