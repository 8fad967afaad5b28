import { networkInterfaces } from "node:os";

/** @returns the host under which boards reach a cloud that listens on this address */
export function reachableHost(host: string): string {
	return host === "0.0.0.0" ? (localAddresses()[0] ?? "127.0.0.1") : host;
}

/**
 * @param platformNames host names of the platforms' own servers
 * @returns the names for the server certificate: this machine's, and the platforms'
 */
export function certificateNames(host: string, platformNames: readonly string[]): [string, ...string[]] {
	const addresses = host === "0.0.0.0" ? localAddresses() : [host];
	return ["localhost", ...new Set(["127.0.0.1", ...addresses, ...platformNames])];
}

/** IPv4 addresses of this machine on its networks. */
function localAddresses(): string[] {
	return Object.values(networkInterfaces())
		.flat()
		.filter((address) => address?.family === "IPv4" && !address.internal)
		.map((address) => address?.address ?? "");
}
