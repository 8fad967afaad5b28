import { connectionError, noTrustAnchor } from "dynreg/core/connection-errors";
import { loadAuthority } from "dynreg/platform/system";
import Net from "net";
import Timer from "timer";
import type { Phase } from "../../../modules/contracts/error.js";
import type { Clock, Endpoint, Milliseconds } from "../../../modules/contracts/host.js";
import type { ClientCertificate } from "../tls/client-certificate.js";

/** A server with its address and trust anchors. */
export interface ResolvedEndpoint extends Endpoint {
	/** IPv4, since the simulator's socket treats a name that is still being resolved as connected. */
	readonly address: string;
	/** Authorities that are trusted, as DER. */
	readonly authorities: readonly Uint8Array[];
	/** Names of trust anchors that cannot be loaded. */
	readonly missing: readonly string[];
	/** Whether the SDK's own authorities are trusted as well. */
	readonly trustsPublic: boolean;
	/** The clock for certificate dates. */
	readonly clock: Clock;
	/** Sent if the server requests a client certificate. */
	readonly clientCertificate?: ClientCertificate;
}

/**
 * Resolves the server's address and loads its trust anchors.
 *
 * @throws Failure `dns-failed`; `certificate-untrusted` if no trust anchor can be loaded
 */
export async function resolveEndpoint(
	endpoint: Endpoint,
	phase: Phase,
	clock: Clock,
	deadline: Milliseconds,
): Promise<ResolvedEndpoint> {
	const { secure, host, trust } = endpoint;
	const loaded = secure ? load(trust, phase) : { authorities: [], missing: [] };
	const address = await resolve(host, deadline);
	if (address === undefined) throw connectionError(phase, endpoint, "dns-failed");
	return { ...endpoint, address, ...loaded, trustsPublic: trust.includes("public"), clock };
}

const load = (trust: readonly string[], phase: Phase): Pick<ResolvedEndpoint, "authorities" | "missing"> => {
	const authorities: Uint8Array[] = [];
	const missing: string[] = [];
	let cause: unknown;
	for (let i = 0; i < trust.length; i++) {
		const name = trust[i] as string;
		if (name === "public") continue;
		const before = authorities.length;
		try {
			authorities.push(...loadAuthority(name));
		} catch (error) {
			cause = error;
		}
		if (authorities.length === before) missing.push(name);
	}
	if (missing.length > 0 && missing.length === trust.length) throw noTrustAnchor(phase, missing, cause);
	return { authorities, missing };
};

/** Of the global object, since a preloaded module's variables are constants. */
interface Lookups {
	/** Settles when the SDK's last lookup ends. */
	dynregLookup?: Promise<void>;
}

/**
 * The IPv4 address of a name; undefined if there is none in time.
 *
 * A chip looks up one name at a time and cancels none (SDK modules/network/net/esp/modResolve.c). So the SDK gets a name
 * only when it is done with the one before, and no name that nobody waits for any more. A name waits for one abandoned
 * lookup at most, until lwIP gives that up: after four queries to each server.
 *
 * @param deadline milliseconds
 */
export const resolve = (host: string, deadline: Milliseconds): Promise<string | undefined> => {
	// RFC 6761, section 6.3. On Linux the SDK ignores an IPv4 address after one of IPv6.
	if (host.toLowerCase() === "localhost") return Promise.resolve("127.0.0.1");
	// A lookup of an address would wait for those of names.
	if (isLiteral(host)) return Promise.resolve(host);
	return new Promise((done) => {
		let isLate = false;
		const timer = Timer.set(
			() => {
				isLate = true;
				done(undefined);
			},
			Math.max(deadline, 0),
		);
		const lookUp = (ended: () => void) => {
			if (isLate) return ended();
			Net.resolve(host, (_name, address) => {
				Timer.clear(timer);
				done(address);
				ended();
			});
		};
		const lookups = globalThis as Lookups;
		const next = () => new Promise<void>(lookUp);
		lookups.dynregLookup = Promise.resolve(lookups.dynregLookup).then(next, next);
	});
};

/** Whether no character comes after the digits: IPv4, and no name. */
const isLiteral = (host: string): boolean => {
	for (let i = 0; i < host.length; i++) if (host.charCodeAt(i) > 57) return false;
	return true;
};
