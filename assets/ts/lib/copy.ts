/** Buttons with data-copy put that address, whole, into the clipboard, and say data-copied. */
export function listen(): void {
  document.addEventListener("click", async (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copy]");
    if (!button) return;
    const text = new URL(button.dataset.copy ?? "", location.href).href;
    try {
      await navigator.clipboard.writeText(text);
      document.body.dispatchEvent(new CustomEvent("toast", { detail: { text: button.dataset.copied } }));
    } catch {
      prompt("", text); // where the browser keeps its clipboard to itself
    }
  });
}
