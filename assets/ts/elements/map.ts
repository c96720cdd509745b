// <trato-map data-url …> (parts/map.html says what is in it): drawn on a canvas, with the points as buttons; only loaded where there is one.
class MapElement extends HTMLElement {
  private stop: (() => void) | null = null;

  async connectedCallback(): Promise<void> {
    const { mount } = await import("../lib/map");
    if (this.isConnected && !this.stop) this.stop = mount(this);
  }

  disconnectedCallback(): void {
    this.stop?.();
    this.stop = null;
  }
}

customElements.define("trato-map", MapElement);
