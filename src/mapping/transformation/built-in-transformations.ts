import type { TransformationParameters, TransformationRule, TransformationRules } from './transformation-rule.js';

const nothing: TransformationParameters = {
  findValue: null,
  replaceValue: null,
  startPosition: null,
  length: null,
  startingText: null,
  endingText: null,
  precision: null,
  roundDirection: null,
  datePart: null,
  dataFormat: null,
  culture: null,
};

const rule = (
  code: string,
  kind: TransformationRule['kind'],
  description: string,
  parameters: Partial<TransformationParameters> = {},
): TransformationRule => ({
  id: code,
  code,
  description,
  kind,
  ...nothing,
  ...parameters,
  next: null,
  revision: 1,
});

/** The rules that exist from the first start on: those of the default setup, and the simple ones that Dynamics NAV brings. */
export const builtInTransformations: TransformationRules = new Map(
  [
    rule(
      'UNITGROUPNAME',
      'REGULAR_EXPRESSION_REPLACE',
      'The name of the unit group that Dynamics NAV makes for a unit of measure: "NAV " before the code',
      { findValue: '^', replaceValue: 'NAV ' },
    ),
    rule('NOTNEGATIVE', 'REGULAR_EXPRESSION_REPLACE', 'A negative number becomes 0', {
      findValue: '^-.*$',
      replaceValue: '0',
    }),
    rule('UPPERCASE', 'UPPERCASE', 'All letters large'),
    rule('LOWERCASE', 'LOWERCASE', 'All letters small'),
    rule('TITLECASE', 'TITLE_CASE', 'The first letter of each word large'),
    rule('TRIM', 'TRIM', 'Without blanks at both ends'),
    rule('FIRST4CHAR', 'SUBSTRING', 'The first four characters', { startPosition: 1, length: 4 }),
    rule('ALPHANUMERIC', 'REMOVE_NON_ALPHANUMERIC', 'Letters and digits only'),
    rule('DK_DECIMAL', 'DECIMAL_FORMATTING', 'A number as it is written in Denmark', { culture: 'da-DK' }),
    rule('US_DATE', 'DATE_FORMATTING', 'A date as it is written in the United States', {
      dataFormat: 'M/d/yyyy',
      culture: 'en-US',
    }),
  ].map((one) => [one.code, one]),
);
