// <trato-calendar data-url data-base …> (parts/calendar.html says what is in it): FullCalendar, only loaded on pages that have one.

/**
 * FullCalendar looks for a <style data-fullcalendar> and writes its rules into that one's sheet. The content security policy forbids
 * such an element but not a sheet that is made here, so it finds an element of no meaning that has one.
 */
function styles(): void {
  if (document.querySelector("style[data-fullcalendar]")) return;
  const sheet = new CSSStyleSheet();
  const insert = sheet.insertRule.bind(sheet);
  sheet.insertRule = (rule) => (rule.startsWith("@font-face") ? 0 : insert(rule, sheet.cssRules.length)); // its icons are not shown
  document.adoptedStyleSheets.push(sheet);
  const element = document.createElementNS("urn:trato:none", "style");
  element.setAttribute("data-fullcalendar", "");
  Object.defineProperty(element, "sheet", { value: sheet });
  document.head.append(element);
}

class CalendarElement extends HTMLElement {
  private stop: (() => void) | null = null;

  async connectedCallback(): Promise<void> {
    styles();
    const { mount } = await import("../lib/calendar");
    if (this.isConnected && !this.stop) this.stop = mount(this);
  }

  disconnectedCallback(): void {
    this.stop?.();
    this.stop = null;
  }
}

customElements.define("trato-calendar", CalendarElement);
