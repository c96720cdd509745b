// <trato-calendar data-url data-base …> (parts/calendar.html says what is in it): FullCalendar, only loaded on pages that have one.
class CalendarElement extends HTMLElement {
  private stop: (() => void) | null = null;

  async connectedCallback(): Promise<void> {
    const { mount } = await import("../lib/calendar");
    if (this.isConnected && !this.stop) this.stop = mount(this);
  }

  disconnectedCallback(): void {
    this.stop?.();
    this.stop = null;
  }
}

customElements.define("trato-calendar", CalendarElement);
