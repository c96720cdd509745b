// <trato-editor><textarea name="body">…sanitised HTML…</textarea></trato-editor>
// A rich-text editor whose HTML is kept in the textarea; without a script the textarea itself is edited. ProseMirror is only loaded
// on pages that have one.
class EditorElement extends HTMLElement {
  async connectedCallback(): Promise<void> {
    const area = this.querySelector("textarea");
    if (!area || this.querySelector(".editor")) return;
    const { mount } = await import("../lib/editor");
    if (this.isConnected) mount(area);
  }
}

customElements.define("trato-editor", EditorElement);
