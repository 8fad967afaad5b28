/** Attackers between a board and its server: plain data, ports on `address`. */
export interface Attackers {
	/** In the genuine certificate: "localhost", or the address again. */
	readonly name: string;
	readonly address: string;
	/** For `Endpoint.trust`: the authority that the genuine server's certificate is from. */
	readonly ca: string;
	/** Ends the handshake politely before it has begun. */
	readonly polite: number;
	/** Shows the genuine certificate, and a key exchange that names no signature. */
	readonly unsigned: number;
	/** Says something before there is a key. */
	readonly early: number;
	/** Is finished at once. */
	readonly finished: number;
	/** Has a genuine certificate for another name, and issues one with it. */
	readonly upstart: number;
	/** A broker that announces a packet of 256 MB. */
	readonly boundless: number;
}
