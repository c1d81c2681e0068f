/** Links are cut and slowed, and commits lose their answer, where a target's links go through proxies. */
export const linkFaults = (target) => target.links?.faults ?? [];
