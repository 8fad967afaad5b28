import Net from "net";
import Timer from "timer";
import type { Milliseconds } from "../../../modules/contracts/host.js";

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
