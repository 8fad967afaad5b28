import type { RawConfiguration } from "dynreg/contracts/cloud";

/** All keys that the firmware and these tools read: those of docs/configuration.md. */
export const configurationKeys: readonly string[] = [
	...["cloud", "productSecret", "productSecretFile", "deviceName", "endpoints", "ca", "spread", "keepAlive", "sntp"],
	...["dateFrom", "vault", "ssid", "password", "button", "led", "factory", "dangerouslyAllowPlain"],
	...["productId", "service", "auth", "clientCertificate", "clientKey", "region", "protocol", "signMethod"],
	...["productKey", "instanceId", "authType", "via"],
];

/**
 * Keys that nobody reads: an application's own, or slips.
 *
 * @returns each with the key that it is closest to, if it is close
 */
export function unknownKeys(configuration: RawConfiguration): { readonly key: string; readonly meant?: string }[] {
	return Object.keys(configuration)
		.filter((key) => !configurationKeys.includes(key.replace(/^endpoints\..*/, "endpoints")))
		.map((key) => {
			const [meant] = configurationKeys
				.map((known) => ({ known, slips: distance(key.toLowerCase(), known.toLowerCase()) }))
				.filter(({ slips }) => slips <= 2)
				.toSorted((a, b) => a.slips - b.slips);
			return meant === undefined ? { key } : { key, meant: meant.known };
		});
}

/** Levenshtein's. */
function distance(one: string, other: string): number {
	let row = Array.from({ length: other.length + 1 }, (_, index) => index);
	for (const [index, letter] of [...one].entries()) {
		const next = [index + 1];
		for (const [column, another] of [...other].entries())
			next.push(
				Math.min(
					(next[column] ?? 0) + 1,
					(row[column + 1] ?? 0) + 1,
					(row[column] ?? 0) + (letter === another ? 0 : 1),
				),
			);
		row = next;
	}
	return row.at(-1) ?? 0;
}
