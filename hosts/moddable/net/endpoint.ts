import { failure, noAuthority } from "dynreg/core/connection-errors";
import { loadAuthority } from "dynreg/platform/sources";
import Net from "net";
import Timer from "timer";
import type { Phase } from "../../../modules/contracts/error.js";
import type { Clock, Endpoint, Milliseconds } from "../../../modules/contracts/host.js";
import type { OwnCertificate } from "../tls/client-certificate.js";

/** A server, ready to be connected to. */
export interface Target extends Pick<Endpoint, "secure" | "host" | "port"> {
	/** IPv4. The SDK's sockets are given no names: the simulator's takes one that is still being looked up for connected. */
	readonly address: string;
	/** Authorities that are trusted, as DER. */
	readonly authorities: readonly Uint8Array[];
	/** Names of those that cannot be loaded. */
	readonly missing: readonly string[];
	/** Whether the SDK's own authorities are trusted as well. */
	readonly publicToo: boolean;
	/** What certificates are held against. */
	readonly clock: Clock;
	/** What shows the server who the device is, if it asks. */
	readonly own?: OwnCertificate;
}

/**
 * Finds the server's address and who must vouch for it.
 *
 * @throws Failure `dns-failed`, `certificate-untrusted` when no authority can be loaded
 */
export async function reach(endpoint: Endpoint, phase: Phase, clock: Clock, deadline: Milliseconds): Promise<Target> {
	const { secure, host, port, trust } = endpoint;
	const loaded = secure ? load(trust, phase) : { authorities: [], missing: [] };
	const address = await resolve(host, deadline);
	if (address === undefined) throw failure(phase, endpoint, "dns-failed");
	return { secure, host, port, address, ...loaded, publicToo: trust.includes("public"), clock };
}

const load = (trust: readonly string[], phase: Phase): Pick<Target, "authorities" | "missing"> => {
	const authorities: Uint8Array[] = [];
	const missing: string[] = [];
	let cause: unknown;
	for (let i = 0; i < trust.length; i++) {
		const name = trust[i] as string;
		try {
			if (name !== "public") authorities.push(...loadAuthority(name));
		} catch (error) {
			missing.push(name);
			cause = error;
		}
	}
	if (missing.length > 0 && missing.length === trust.length) throw noAuthority(phase, missing, cause);
	return { authorities, missing };
};

/** The IPv4 address of this name, or undefined if there is none, or none in time. */
export const resolve = (host: string, deadline: Milliseconds): Promise<string | undefined> => {
	// RFC 6761, section 6.3; on Linux the SDK overlooks an IPv4 address behind one of IPv6.
	if (host.toLowerCase() === "localhost") return Promise.resolve("127.0.0.1");
	return new Promise((done) => {
		const timer = Timer.set(() => done(undefined), Math.max(deadline, 0));
		Net.resolve(host, (_name, address) => {
			Timer.clear(timer);
			done(address);
		});
	});
};
