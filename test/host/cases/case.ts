import type { Host } from "../../../modules/contracts/host.js";

/** One promise of `modules/contracts/host.ts`, kept or not. */
export interface Case {
	readonly name: string;
	/** @throws Error that says what was expected and what came */
	run(host: Host, servers: Servers): Promise<void>;
}

/**
 * The servers that the cases talk to, as plain data: `test/host/servers.ts` makes it.
 * Numbers are TCP ports on `name`.
 */
export interface Servers {
	/** "localhost": the name in the genuine certificate. */
	readonly name: string;
	/** "127.0.0.1": in the genuine certificate as well. */
	readonly address: string;
	/** `Endpoint.trust` for every TLS server here. A host that names resources otherwise replaces it. */
	readonly ca: string;
	readonly http: number;
	readonly https: number;
	readonly mqtt: number;
	readonly mqtts: number;
	/** Nobody listens. */
	readonly closed: number;
	/** Accepts, reads and never says a byte. */
	readonly silent: number;
	/** TLS servers that no host may talk to. `GET /seen?port=N` on `http` tells how many application bytes reached them. */
	readonly expired: number;
	readonly notYetValid: number;
	readonly wrongName: number;
	/** Leaf and root of another authority with the same name. */
	readonly otherAuthority: number;
	/** A leaf that claims the genuine issuer without its signature, sent with the genuine root. */
	readonly forged: number;
	/** A genuine certificate, TLS 1.1 at most. */
	readonly outdated: number;
}
