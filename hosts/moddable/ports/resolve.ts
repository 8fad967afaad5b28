import Net from "net";

/** The IPv4 address of this name, or undefined if there is none. */
export function resolve(host: string): Promise<string | undefined> {
	// RFC 6761, section 6.3; on Linux the SDK overlooks an IPv4 address behind one of IPv6.
	if (host.toLowerCase() === "localhost") return Promise.resolve("127.0.0.1");
	return new Promise((done) => Net.resolve(host, (_name, address) => done(address)));
}
