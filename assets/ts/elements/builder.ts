// <trato-builder>: the filter builder. Enter in a control of the condition being edited applies it, Escape leaves it as it was, so
// that neither reaches the form or the menu around it.
class Builder extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener("keydown", (event) => {
      const form = (event.target as Element).closest("[data-editing]");
      if (!form || event.defaultPrevented || !["Enter", "Escape"].includes(event.key)) return;
      if (event.key === "Enter" && (event.target as Element).matches("button, a, textarea")) return;
      event.preventDefault();
      event.stopPropagation();
      form.querySelector<HTMLElement>(event.key === "Enter" ? "[data-save]" : "[data-cancel]")?.click();
    });
  }
}

customElements.define("trato-builder", Builder);
