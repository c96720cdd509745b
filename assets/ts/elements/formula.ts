// <trato-formula>: what is chosen from its list is put into the formula where the cursor stands; the first gap is marked, to be written over.
class Formula extends HTMLElement {
  connectedCallback(): void {
    const text = this.querySelector("textarea");
    const list = this.querySelector<HTMLSelectElement>("[data-insert]");
    if (!text || !list) return;
    list.addEventListener("change", () => {
      const said = list.value;
      if (!said) return;
      const start = text.selectionStart;
      text.setRangeText(said, start, text.selectionEnd, "end");
      const gap = said.indexOf("…");
      if (gap >= 0) text.setSelectionRange(start + gap, start + gap + 1);
      list.value = "";
      text.focus();
      text.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
}

customElements.define("trato-formula", Formula);
