import { type FactoryContents, factoryNames, factoryNamespace } from "dynreg/local-control/factory";

/** ESP-IDF's numbers (esp_err.h, nvs.h). */
const errors = Object.freeze({
	/** No such partition, when it is mounted and when it is opened. */
	absent: Object.freeze([0x105, 0x110f] as const),
	/** No such namespace. */
	empty: 0x1102,
	/** What does not decrypt would be erased, and this partition may not be written. */
	strange: 0x10d,
});

/** The vault's, which has to stay mounted. */
const vault = "nvs";

/** What the factory has written into a partition of flash. */
export function readFactory(label: string): FactoryContents {
	if (!/^[\w-]{1,16}$/.test(label) || label === vault)
		return { state: "unreadable", reason: `its label must be 1 to 16 letters, digits, _ and -, and not "${vault}"` };
	const found = read(label, factoryNamespace, factoryNames);
	if (typeof found === "number") {
		if (errors.absent.some((number) => number === found)) return { state: "absent" };
		if (found === errors.empty) return { state: "empty" };
		const reason = found === errors.strange ? "it was not written for this board's keys, " : "";
		return { state: "unreadable", reason: `${reason}ESP-IDF's error 0x${found.toString(16)}` };
	}
	const values: Record<string, string> = {};
	for (const [index, name] of factoryNames.split(" ").entries()) {
		const buffer = found[index];
		// Whatever the bytes are, they become text, and those who read the configuration refuse what is none.
		if (buffer)
			values[name] = Array.from(new Uint8Array(buffer).slice(0, -1), (byte) => String.fromCharCode(byte)).join("");
	}
	return Object.keys(values).length > 0 ? { state: "read", values } : { state: "empty" };
}

/** In factory.c. This shape, and no other, is what xsc makes a call of C. */
function read(this: unknown, label: string, namespace: string, names: string): (ArrayBuffer | undefined)[] | number {
	return native("xs_dynreg_factory").call(this, label, namespace, names) as (ArrayBuffer | undefined)[] | number;
}
