/** Undoes the escaping of names that stand in metadata and values: "Non_x002D_Inventory" → "Non-Inventory", "_x0020_" → " ". */
export const unescapeName = (name: string): string =>
  name.includes('_x')
    ? name.replace(/_x([\da-fA-F]{4})_/g, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : name;

/** The canonical value of an enum member in either of the forms that servers send; null for the blank member. */
export function canonicalOption(member: string): string | null {
  const name = unescapeName(member).trim();
  return name === '' ? null : name;
}
