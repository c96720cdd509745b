// How well a command fits what was typed. Every word typed has to fit somewhere.
export const STRONG = 60;

export const fold = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Whether the letters stand in the text in that order, the first one at the beginning of a word. */
function scattered(letters: string, text: string): boolean {
  let at = text.search(new RegExp(`(?<![\\p{L}\\p{N}])${letters[0]?.replace(/[^\p{L}\p{N}]/u, "\\$&")}`, "u"));
  for (const letter of letters.slice(1)) {
    if (at < 0) return false;
    at = text.indexOf(letter, at + 1);
  }
  return at >= 0;
}

function fit(word: string, title: string, more: string): number {
  if (title.startsWith(word)) return 100;
  if (` ${title.replace(/[^\p{L}\p{N}]+/gu, " ")}`.includes(` ${word}`)) return 80;
  if (` ${more}`.includes(` ${word}`)) return STRONG;
  if (title.includes(word)) return 40;
  return word.length > 1 && scattered(word, title) ? 20 : 0;
}

/** 0 where the command doesn't fit, else more the better: the beginning of its name, of a word of it, of what else it is looked
 * for by, a part of its name, its letters in their order. */
export function score(typed: string, title: string, more = ""): number {
  const words = fold(typed).split(/\s+/).filter(Boolean);
  const fits = words.map((word) => fit(word, fold(title), fold(more)));
  return fits.length && fits.every(Boolean) ? Math.min(...fits) : 0;
}
