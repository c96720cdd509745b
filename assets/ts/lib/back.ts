/** Whether this page was reached by the browser's way back (or forward, or was loaded again), and not by a link or a form. */
export function cameBack(): boolean {
  const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return entry?.type === "back_forward" || entry?.type === "reload";
}
