// Links with data-compose="<address of the composer for a kind>": the composer of this record takes that kind and the focus.
import htmx from "htmx.org";

const FIELD = "#composer :is([contenteditable=true], input:not([type=hidden]), select, textarea)";

export function listen(): void {
  document.addEventListener("click", async (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("[data-compose]");
    const composer = document.querySelector<HTMLElement>("#composer");
    if (!link || !composer) return;
    event.preventDefault();
    await htmx.ajax("post", link.dataset.compose ?? "", { source: composer.querySelector("form") ?? composer, target: "#composer", swap: "outerHTML" });
    document.querySelector("#composer")?.scrollIntoView({ block: "start" });
    document.querySelector<HTMLElement>(FIELD)?.focus();
  });
}
