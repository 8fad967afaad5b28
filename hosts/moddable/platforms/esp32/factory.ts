import { type FactoryContents, factoryNames, factoryNamespace } from "dynreg/configuration/factory-partition";

/** ESP-IDF's numbers (esp_err.h, nvs.h). */
const errors = Object.freeze({
	/** No such partition, when mounting and when opening. */
	absent: Object.freeze([0x105, 0x110f] as const),
	/** No such namespace. */
	empty: 0x1102,
	/** ESP-IDF would erase what it cannot decrypt, but this partition is read-only. */
	wrongKey: 0x10d,
});

/** The vault's partition, which must stay mounted. */
const vault = "nvs";

/** Reads the factory partition. @param label of the partition */
export function readFactoryPartition(label: string): FactoryContents {
	if (!/^[\w-]{1,16}$/.test(label) || label === vault)
		return { state: "unreadable", reason: `its label must be 1 to 16 letters, digits, _ and -, and not "${vault}"` };
	const found = read(label, factoryNamespace, factoryNames);
	if (typeof found === "number") {
		if (errors.absent.some((number) => number === found)) return { state: "absent" };
		if (found === errors.empty) return { state: "empty" };
		const reason = found === errors.wrongKey ? "it was not written for this board's keys, " : "";
		return { state: "unreadable", reason: `${reason}ESP-IDF's error 0x${found.toString(16)}` };
	}
	const values: Record<string, string> = {};
	for (const [index, name] of factoryNames.split(" ").entries()) {
		const buffer = found[index];
		// Any bytes become text; the configuration's readers validate it.
		if (buffer)
			values[name] = Array.from(new Uint8Array(buffer).slice(0, -1), (byte) => String.fromCharCode(byte)).join("");
	}
	return Object.keys(values).length > 0 ? { state: "read", values } : { state: "empty" };
}

/** In factory.c. xsc compiles exactly this form to a call of C. */
function read(this: unknown, label: string, namespace: string, names: string): (ArrayBuffer | undefined)[] | number {
	return native("xs_dynreg_factory").call(this, label, namespace, names) as (ArrayBuffer | undefined)[] | number;
}
