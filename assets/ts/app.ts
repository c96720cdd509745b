// Everything a page runs: htmx for partial updates, the custom elements, the shortcuts. Loaded as a module, so after parsing.
import htmx from "htmx.org";
import { csrf } from "./lib/page";
import * as back from "./lib/back";
import * as compose from "./lib/compose";
import * as asked from "./lib/asked";
import * as copy from "./lib/copy";
import * as forms from "./lib/forms";
import * as keys from "./lib/keys";
import * as along from "./elements/along";
import "./elements/arrange";
import "./elements/board";
import "./elements/calendar";
import "./elements/choices";
import "./elements/builder";
import "./elements/confirm";
import "./elements/drop";
import "./elements/conflict";
import "./elements/editor";
import "./elements/formula";
import "./elements/grid";
import "./elements/here";
import "./elements/layout";
import "./elements/lines";
import "./elements/link";
import "./elements/live";
import "./elements/map";
import "./elements/menu";
import * as neighbours from "./elements/neighbours";
import "./elements/palette";
import "./elements/peek";
import "./elements/public";
import "./elements/questions";
import "./elements/rows";
import "./elements/search";
import "./elements/select";
import "./elements/sign";
import "./elements/tags";
import "./elements/theme";
import "./elements/toasts";
import "./elements/way";

// The content security policy forbids inline styles and eval; pages are never kept in the browser's storage.
Object.assign(htmx.config, {
  includeIndicatorStyles: false,
  allowEval: false,
  allowScriptTags: false,
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  selfRequestsOnly: true,
  attributesToSettle: ["class"],
  defaultSwapDelay: 0,
  defaultSettleDelay: 0,
});
document.addEventListener("htmx:configRequest", (event) => {
  const { headers } = (event as CustomEvent<{ headers: Record<string, string> }>).detail;
  headers["X-CSRFToken"] = csrf();
});
// A form sent by htmx that the server finds wrong (422), or written by somebody else meanwhile (409), comes back and is shown.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = event as CustomEvent<{ xhr: XMLHttpRequest; shouldSwap: boolean; isError: boolean }>;
  if (detail.xhr.status !== 422 && detail.xhr.status !== 409) return;
  detail.shouldSwap = true;
  detail.isError = false;
});
along.listen();
back.listen();
compose.listen();
asked.listen();
copy.listen();
forms.listen();
keys.listen();
neighbours.listen();
// Where places stand in one line that is wider than the screen, the one at hand is in sight.
for (const line of document.querySelectorAll(".settings-nav, .tabs")) {
  const here = line.querySelector("[aria-current]");
  if (here) line.scrollLeft += here.getBoundingClientRect().left - line.getBoundingClientRect().left - 16;
}
