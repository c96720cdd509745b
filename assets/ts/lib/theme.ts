export type Theme = "light" | "dark" | "auto";

const KEY = "trato.theme";

export function isTheme(value: unknown): value is Theme {
  return value === "light" || value === "dark" || value === "auto";
}

/** What this browser remembers, else what the profile says (<html data-theme-choice>), else auto. */
export function chosen(): Theme {
  const remembered = localStorage.getItem(KEY);
  const profile = document.documentElement.dataset.themeChoice;
  return isTheme(remembered) ? remembered : isTheme(profile) ? profile : "auto";
}

// What a phone paints its own bars with: --surface of tokens.css.
const SURFACE = { light: "#ffffff", dark: "#151a1c" };

export function apply(theme: Theme): void {
  const dark = theme === "dark" || (theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  const name = dark ? "dark" : "light";
  document.documentElement.dataset.bsTheme = name;
  document.querySelectorAll<HTMLMetaElement>("meta[name=theme-color]").forEach((meta) => (meta.content = SURFACE[name]));
}

export function choose(theme: Theme): void {
  localStorage.setItem(KEY, theme);
  apply(theme);
}
