import type { Shadow } from "../products/product.js";

type Json = Readonly<Record<string, unknown>>;

/** Characters of all reported values together. Limits the memory of a device that keeps reporting new ones. */
const maxLength = 64 * 1024;

/**
 * @param timestamp of the new values
 * @returns the shadow with these values in place of its own; the oldest ones are dropped if there are too many
 */
export function mergeState(shadow: Shadow, { reported }: { readonly reported: Json }, timestamp: number): Shadow {
	const merged = Object.entries({ ...shadow.reported, ...reported }).filter(([, value]) => value !== null);
	let length = JSON.stringify(Object.fromEntries(merged)).length;
	while (length > maxLength) length -= JSON.stringify(merged.shift()).length;
	const times = new Map(shadow.times);
	for (const key of Object.keys(reported)) times.set(key, timestamp);
	const kept = new Set(merged.map(([key]) => key));
	for (const key of times.keys()) if (!kept.has(key)) times.delete(key);
	return { ...shadow, reported: Object.fromEntries(merged), times };
}
