type Properties = Readonly<Record<string, unknown>>;

/** Characters of all properties together: limits the memory of a device that keeps reporting new ones. */
const maxLength = 64 * 1024;

/** @returns the properties with these values, the oldest ones left out if there are too many */
export function mergeProperties(properties: Properties | undefined, values: Properties): Properties {
	const merged = Object.entries({ ...properties, ...values });
	let length = JSON.stringify(Object.fromEntries(merged)).length;
	while (length > maxLength) length -= JSON.stringify(merged.shift()).length;
	return Object.fromEntries(merged);
}
