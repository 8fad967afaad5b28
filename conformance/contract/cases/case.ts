import type { Host } from "dynreg/contracts/host";

/** One promise of `modules/contracts/host.ts`, kept or not. */
export interface ContractCase {
	readonly name: string;
	/** It needs `Servers.device`, which is large. */
	readonly needsCertificates?: true;
	/** A board is restarted for it, since it takes most of the memory: connections in close succession. */
	readonly freshBoard?: true;
	/** @throws Error that says what was expected and what came */
	run(host: Host, servers: Servers): Promise<void>;
}

/**
 * The servers that the cases talk to, as plain data: `conformance/peers/servers.ts` makes it.
 * Numbers are TCP ports on `name`. `GET /clients?port=N` on `http` returns how many connections a server has been opened, and
 * how many of them are open; `GET /cut?port=N` ends these.
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
	/** Files that hold no certificate, or a damaged one besides the genuine. */
	readonly spoiledCas: readonly string[];
	/** For the host: two time servers. `GET /time?first=…&second=…` on `http` sets their behaviour. */
	readonly sntp: readonly [string, string];
	readonly http: number;
	readonly https: number;
	readonly mqtt: number;
	/** Of several protocols (ALPN) it has only `x-dynreg`. Topic `alpn` returns the one that it has chosen. */
	readonly mqtts: number;
	/** Servers that request a client certificate. Topic or path `peer` returns the name in it. */
	readonly httpsAsking: number;
	readonly mqttsAsking: number;
	/** Talk to nobody without one. */
	readonly httpsDemanding: number;
	readonly mqttsDemanding: number;
	/** HTTPS with a key on P-256 that the genuine authority, RSA, has signed. */
	readonly ecdsa: number;
	/** HTTPS with a key on P-384, and HTTPS with a key exchange on it. */
	readonly p384: number;
	readonly exchangeOnP384: number;
	/** HTTPS in records that are split: `conformance/peers/records.ts`. The second has more than 16 KB of certificates. */
	readonly splitRecords: number;
	readonly manyCertificates: number;
	/** HTTPS that asks for another handshake before it responds. */
	readonly renegotiating: number;
	/** HTTPS with a certificate that an authority between has issued, sent with that one and without the root. */
	readonly intermediate: number;
	/** Nobody listens. */
	readonly closed: number;
	/** Accepts, reads and never says a byte. */
	readonly silent: number;
	/** TLS servers that no host may talk to. `GET /seen?port=N` on `http` returns the number of application bytes they received. */
	readonly expired: number;
	readonly notYetValid: number;
	readonly wrongName: number;
	/** Leaf and root of another authority with the same name. */
	readonly otherAuthority: number;
	/** A leaf that claims the genuine issuer without its signature, sent with the genuine root. */
	readonly forged: number;
	/** A genuine certificate, TLS 1.1 at most. */
	readonly outdated: number;
	/** TLS 1.3 only; then TLS 1.2, each with one cipher suite that no board offers. */
	readonly tls13: number;
	readonly aes256: number;
	readonly cbc: number;
	readonly rsaExchange: number;
	/** RSA 1024. */
	readonly weakKey: number;
	/** Signed with SHA-1. */
	readonly weakSignature: number;
	/** The leaf of `intermediate`, sent alone. */
	readonly missingIntermediate: number;
	/** MQTT brokers over TLS that resume sessions by id, by ticket, and not at all. Topic `resumed` returns "true" or "false". */
	readonly resumingById: number;
	readonly resumingByTicket: number;
	readonly resumingNever: number;
	/** For `MqttConnect.certificate`. */
	readonly device: DeviceCertificates;
}

/**
 * - `good`: the right time; `ahead`, `behind`: 73 years later, 30 years earlier
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

/**
 * How a server that resumes TLS sessions behaves: `GET /sessions?port=N&behaviour=…` on `http` sets it.
 *
 * - `good`: resumes; `forgetful`: like good, but forgets all sessions now
 * - `replaced`: has another certificate; `short-lived`: has one that expires in 6 s. Both remember all sessions
 * - `wrong-keys`: resumes with keys that are not the session's (by id only)
 * - `renewing`: resumes with another ticket, and says by what (by id only)
 * - `brief`: like renewing, with tickets that it says to live for 2 s, and takes for longer (by id only)
 * - `deaf`: closes a connection that offers a session
 * - `impostor`: says that it resumes any session, and sends a certificate
 */
export type SessionBehaviour =
	| "good"
	| "forgetful"
	| "replaced"
	| "short-lived"
	| "renewing"
	| "brief"
	| "wrong-keys"
	| "deaf"
	| "impostor";

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
