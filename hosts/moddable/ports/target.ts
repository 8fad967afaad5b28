import { Failure } from "dynreg/errors";
import { loadAuthority } from "dynreg/platform/authority";
import { failure } from "dynreg/trouble";
import Net from "net";
import type { Phase } from "../../../modules/contracts/error.js";
import type { Clock, Endpoint, Milliseconds } from "../../../modules/contracts/host.js";
import { within } from "./deadline.js";

/** A server, ready to be connected to. */
export interface Target extends Pick<Endpoint, "secure" | "host" | "port"> {
	/** IPv4. The SDK's sockets are given no names: the simulator's takes one that is still being looked up for connected. */
	readonly address: string;
	/** Authorities that are trusted, as DER. */
	readonly authorities: readonly Uint8Array[];
	/** Whether the SDK's own authorities are trusted as well. */
	readonly publicToo: boolean;
	/** UTC in milliseconds since 1970, to hold certificates against. */
	readonly now: () => Milliseconds | undefined;
}

/**
 * Finds the server's address and who must vouch for it.
 *
 * @throws Failure `dns-failed`, `certificate-untrusted` when the authority cannot be loaded
 */
export async function reach(endpoint: Endpoint, phase: Phase, clock: Clock, deadline: Milliseconds): Promise<Target> {
	const { secure, host, port, trust } = endpoint;
	const names = trust.filter((name) => name !== "public");
	const authorities = secure ? names.flatMap((name) => authority(name, phase)) : [];
	const unknown = () => failure(phase, endpoint, "dns");
	const address = await within(deadline, resolve(host), unknown);
	if (address === undefined) throw unknown();
	return { secure, host, port, address, authorities, publicToo: trust.includes("public"), now: () => clock.now() };
}

function authority(name: string, phase: Phase): readonly Uint8Array[] {
	try {
		return loadAuthority(name);
	} catch (cause) {
		throw new Failure(
			phase,
			"certificate-untrusted",
			"stop",
			`The certificate authority in ca cannot be read (${name}), so no server can be trusted. Check its name.`,
			{ cause },
		);
	}
}

/** @returns undefined if there is none */
function resolve(host: string): Promise<string | undefined> {
	// RFC 6761, section 6.3; on Linux the SDK overlooks an IPv4 address behind one of IPv6.
	if (host.toLowerCase() === "localhost") return Promise.resolve("127.0.0.1");
	return new Promise((done) => Net.resolve(host, (_name, address) => done(address)));
}
