import type { Host } from "dynreg/contracts/host";

/** One promise of `modules/contracts/host.ts`, kept or not. */
export interface Case {
	readonly name: string;
	/** It needs `Servers.device`, which is large. */
	readonly isCertified?: true;
	/** @throws Error that says what was expected and what came */
	run(host: Host, servers: Servers): Promise<void>;
}

/**
 * The servers that the cases talk to, as plain data: `conformance/peers/servers.ts` makes it.
 * Numbers are TCP ports on `name`.
 */
export interface Servers {
	/** The name in the genuine certificate: "localhost", or for a board, which knows none, the address again. */
	readonly name: string;
	/** "127.0.0.1", or where a board reaches this machine: in the genuine certificate as well. */
	readonly address: string;
	/** `Endpoint.trust` for every TLS server here. A host that names resources otherwise replaces it. */
	readonly ca: string;
	/** Of an authority that has issued nothing here. */
	readonly otherCa: string;
	/** Both of them, in one file. */
	readonly bothCas: string;
	/** For the host: two time servers. `GET /time?first=…&second=…` on `http` tells them how to behave. */
	readonly sntp: readonly [string, string];
	readonly http: number;
	readonly https: number;
	readonly mqtt: number;
	readonly mqtts: number;
	/** Ask for the client's certificate. Either topic or path `peer` tells the name in the one that they were shown. */
	readonly httpsAsking: number;
	readonly mqttsAsking: number;
	/** Talk to nobody without one. */
	readonly httpsDemanding: number;
	readonly mqttsDemanding: number;
	/** HTTPS with a key on P-256 that the genuine authority, RSA, has signed. */
	readonly ecdsa: number;
	/** HTTPS with a certificate that an authority between has issued, sent with that one and without the root. */
	readonly intermediate: number;
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
	/** RSA 1024. */
	readonly weakKey: number;
	/** Signed with SHA-1. */
	readonly weakSignature: number;
	/** The leaf of `intermediate`, sent alone. */
	readonly missingIntermediate: number;
	/** For `MqttConnect.certificate`. */
	readonly device: DeviceCertificates;
}

/**
 * - `good`: tells the time; `ahead`, `behind`: 73 years later, 30 years earlier
 * - `silent`: says nothing; `lossy`: says something to every other query
 * - `kiss`: wants to be left alone (RFC 5905, section 7.4)
 * - `stranger`: answers another query; `garbage`, `empty`: nothing that is an answer
 */
export type TimeBehaviour =
	| "good"
	| "ahead"
	| "behind"
	| "silent"
	| "lossy"
	| "kiss"
	| "stranger"
	| "garbage"
	| "empty";

/** What a device may have to show, as PEM. */
export interface DeviceCertificates {
	/** Issued by the authority between. */
	readonly certificate: string;
	readonly between: string;
	/** The same key in either form. */
	readonly pkcs8: string;
	readonly pkcs1: string;
	/** Of another device. */
	readonly otherKey: string;
	/** On P-256. */
	readonly ecCertificate: string;
	readonly ecKey: string;
}
