/** Characters that cannot stand in a name are written as `_xHHHH_`: a blank is `_x0020_`. */
export function escapeName(text: string): string {
  return text.replaceAll(
    /[^A-Za-z0-9_]/g,
    (sign) => `_x${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`,
  );
}

export function unescapeName(text: string): string {
  return text.replaceAll(/_x([0-9A-Fa-f]{4})_/g, (_all, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
