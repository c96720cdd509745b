// Runs before the first paint: the chosen theme ("light", "dark" or "auto") as data-bs-theme, so that no page flashes.
import { apply, chosen } from "./lib/theme";

apply(chosen());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => apply(chosen()));
document.documentElement.classList.add("js");
