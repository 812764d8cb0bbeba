/** Deletions of so many pairs are an accident until a person says otherwise: a wrong company, an emptied table, a lost right. */
const FEW = 20;
const SHARE_OF_COUPLINGS = 0.05;

/** Deletions are counted over this time, so that many small runs do not add up unnoticed. */
export const MASS_DELETION_HOURS = 24;

/** True when so many deletions (those acted on lately, and those found now) are not to be acted on. */
export const isMassDeletion = (deletions: number, couplings: number): boolean =>
  deletions > FEW && deletions > couplings * SHARE_OF_COUPLINGS;
