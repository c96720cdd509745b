// <trato-search data-url="/w/acme/pick"><form action="/w/acme/search"><input type="search" name="q"></form></trato-search>
// Finds records of every object as one types; Enter without a choice goes to the page with all results.
import { Combobox, fetchChoices } from "../lib/combobox";
import { words } from "../lib/page";

class Search extends HTMLElement {
  connectedCallback(): void {
    const input = this.querySelector<HTMLInputElement>("input[type=search]");
    const url = this.dataset.url;
    if (!input || !url || input.role === "combobox") return;
    new Combobox(input, {
      load: (query, signal) => fetchChoices(url, query, "", signal),
      choose: (choice) => choice.url && location.assign(choice.url),
      empty: words("nothing"),
      minimum: 2,
      submits: true,
    });
  }
}

customElements.define("trato-search", Search);
