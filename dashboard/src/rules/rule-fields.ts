import { graphql } from '../graphql/graphql';

/** A transformation rule with all that it is told. */
export const ruleFields = graphql(`
  fragment RuleFields on TransformationRule {
    id
    code
    description
    kind
    revision
    next
    findValue
    replaceValue
    startPosition
    length
    startingText
    endingText
    dataFormat
    culture
    precision
    roundDirection
    datePart
  }
`);
