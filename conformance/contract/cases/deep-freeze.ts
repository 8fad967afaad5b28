/**
 * The same, frozen to its depth. In an image, whatever is preloaded and may still change takes memory for the change;
 * what is frozen lies in flash and takes none.
 */
export function deepFreeze<T>(value: T): T {
	// Bytes cannot be frozen.
	if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
	for (const each of Object.values(value)) deepFreeze(each);
	return Object.freeze(value);
}
